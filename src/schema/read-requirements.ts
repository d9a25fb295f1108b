// Reads what tables need in addition to themselves: extensions, types that no column is of, sequences, functions and
// collations of users, and what steep does not write.

import { compareText, formatName } from '../model/identifier.ts';
import { type CreationOrder, type NeededObject, neededKey } from '../model/schema/needed-object.ts';
import type { TypeDefinition } from '../model/schema/table-definition.ts';
import type { Session } from '../postgres/session.ts';
import type { Scope } from './definition-query.ts';
import { parseType, type TypeTuple } from './read-definitions.ts';
import { requirementRows } from './requirement-query.ts';

export interface Requirements {
  readonly extensions: readonly { readonly name: string; readonly schema: string }[];
  /** Types of extensions, by formatName: CREATE EXTENSION makes them. */
  readonly members: ReadonlySet<string>;
  /** That no column is of: a check of a domain may use them, or a function. */
  readonly types: readonly TypeDefinition[];
  /** By formatName. */
  readonly sequences: ReadonlySet<string>;
  readonly objects: readonly NeededObject[];
  readonly order: readonly CreationOrder[];
  /** `operator shop.<+>(integer,integer)`: what steep does not write, by its name. */
  readonly others: readonly string[];
}

/** Of the tables in a scope and of the types that they use. */
export const readRequirements = async (session: Session, scope: Scope): Promise<Requirements> => {
  const rows = await session.query<RequirementRow>(requirementRows(scope));
  const ofKind = (kind: RequirementRow['kind']) => rows.filter((row) => row.kind === kind);
  const members = ofKind('member type');
  return {
    extensions: extensionsOf([...members, ...ofKind('member')]),
    members: new Set(members.map(formatName)),
    types: rows.flatMap(({ type }) => (type === null ? [] : [parseType(type)])),
    sequences: new Set(ofKind('sequence').map(formatName)),
    objects: rows.flatMap(toObject),
    order: orderOf(rows),
    others: ofKind('other').map(({ name }) => name),
  };
};

const extensionsOf = (members: readonly RequirementRow[]): Requirements['extensions'] => {
  const found = new Map(
    members.map(({ extension, extension_schema }) => [extension ?? '', extension_schema ?? '']),
  );
  return [...found].map(([name, schema]) => ({ name, schema })).toSorted(byName);
};

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  compareText(a.name, b.name);

const toObject = ({ kind, schema, name, definition }: RequirementRow): readonly NeededObject[] =>
  (kind === 'function' || kind === 'collation') && definition !== null
    ? [{ kind, schema, name, definition: asNew(definition) }]
    : [];

/** One that is there already is not to be replaced. */
const asNew = (definition: string): string =>
  definition.replace(/^CREATE OR REPLACE FUNCTION /, 'CREATE FUNCTION ').trimEnd();

/** Null: a part of others, or what no statement of steep creates. */
const keyOf = (row: RequirementRow): string | null => {
  if (row.kind === 'type' || row.kind === 'table') return formatName(row);
  return row.kind === 'function' || row.kind === 'collation'
    ? neededKey({ ...row, kind: row.kind })
    : null;
};

/** Through parts, which are created with what they are parts of. */
const orderOf = (rows: readonly RequirementRow[]): readonly CreationOrder[] => {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const reach = (row: RequirementRow, seen: Set<string>): readonly string[] =>
    row.needs.flatMap((key) => {
      const needed = byKey.get(key);
      if (needed === undefined || seen.has(key)) return [];
      seen.add(key);
      const named = keyOf(needed);
      return named === null ? reach(needed, seen) : [named];
    });
  return rows.flatMap((row) => {
    const object = keyOf(row);
    const after = [...new Set(reach(row, new Set()))].filter((it) => it !== object).toSorted();
    return object === null || after.length === 0 ? [] : [{ object, after }];
  });
};

interface RequirementRow {
  readonly key: string;
  readonly needs: readonly string[];
  readonly kind:
    | 'type'
    | 'table'
    | 'sequence'
    | 'function'
    | 'collation'
    | 'member'
    | 'member type'
    | 'other'
    | null;
  readonly schema: string;
  readonly name: string;
  readonly definition: string | null;
  readonly type: TypeTuple | null;
  readonly extension: string | null;
  readonly extension_schema: string | null;
}
