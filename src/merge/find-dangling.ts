// Rows that a merge would bring to a node where the rows that they refer to are not, and will not be: those of a table that
// is not merged.

import type { GuardReads } from '../catalog/repair/read-dangling.ts';
import type { RowValues } from '../compare/repair/read-rows.ts';
import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { plural } from '../model/listing.ts';
import type { MergeFault, MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import { lockDefinitions } from '../postgres/sql/exposed-tables.ts';
import { lockTables, onlyTable } from '../postgres/sql/named-tables.ts';
import { ddl, ident, join, qualified, sql } from '../postgres/sql/sql.ts';
import type { DecidedKey } from './find-differences.ts';
import { type BothNodes, type MergedTable, otherSide } from './merged-table.ts';
import { type OutwardReference, readOutwardReferences } from './read-constraints.ts';

interface Reference extends OutwardReference {
  /** The node that has it. */
  readonly side: MergeSide;
  rows: number;
  example: string | null;
  /** Reading what it refers to would run code of others: it is counted under the locks, or named there. */
  unread: boolean;
}

export class Dangling {
  readonly #references: readonly Reference[];
  readonly #nodes: BothNodes;
  readonly #guard: GuardReads;
  readonly #table: QualifiedName;

  constructor(
    table: QualifiedName,
    references: readonly Reference[],
    nodes: BothNodes,
    guard: GuardReads,
  ) {
    this.#table = table;
    this.#references = references;
    this.#nodes = nodes;
    this.#guard = guard;
  }

  async add(some: readonly DecidedKey[]): Promise<void> {
    for (const reference of this.#references) {
      const values = valuesOf(reference, some);
      if (values.size === 0 || reference.unread) continue;
      const missing = await this.#missing(
        reference,
        [...values.values()].map(({ value }) => value),
      );
      for (const name of missing) {
        const found = values.get(name);
        reference.rows += found?.rows ?? 0;
        reference.example ??= found === undefined ? null : `(${found.value.join(', ')})`;
      }
    }
  }

  /** Of those values, the ones that the node does not have; by name. */
  async #missing(reference: Reference, values: readonly Value[]): Promise<readonly string[]> {
    const session = this.#nodes[reference.side];
    try {
      return await session.transaction({ readOnly: true }, async () => {
        const kinds = await lockTables(session, [reference.to], 'ACCESS SHARE', { nowait: true });
        await lockDefinitions(session, [reference.to]);
        await this.#guard(session, [reference.to]);
        return selectMissing(session, reference, values, onlyTable(reference.to, kinds));
      });
    } catch (error) {
      if (!(error instanceof SteepError) || session.closed) throw error;
      reference.unread = true;
      return [];
    }
  }

  faults(): readonly MergeFault[] {
    return this.#references
      .filter(({ rows }) => rows > 0)
      .map(({ side, rows, name, to, toColumns, example }) => ({
        code: 'MERGE_DANGLING',
        message: `${plural(rows, 'row')} of ${formatName(this.#table)} would refer to rows of ${formatName(to)} that node ${this.#nodes[side].node} does not have, by foreign key ${name}, such as (${toColumns.join(', ')}) = ${example ?? ''}. Add ${formatName(to)} to the pair, or insert the missing rows there first.`,
      }));
  }
}

type Value = readonly string[];

interface Referring {
  readonly value: Value;
  rows: number;
}

/** That come to the node of the reference with rows of the other one. */
const valuesOf = (
  { side, columns }: OutwardReference & { readonly side: MergeSide },
  some: readonly DecidedKey[],
): ReadonlyMap<string, Referring> => {
  const found = new Map<string, Referring>();
  for (const { winner, rivals } of some.filter((it) => it.winner === otherSide(side))) {
    const value = valueIn(rivals[winner], columns);
    if (value === null) continue;
    const name = JSON.stringify(value);
    // The row that loses refers to it already.
    if (JSON.stringify(valueIn(rivals[side], columns)) === name) continue;
    const known = found.get(name) ?? { value, rows: 0 };
    known.rows += 1;
    found.set(name, known);
  }
  return found;
};

/** MATCH SIMPLE: a row with a NULL refers to nothing. */
const valueIn = (row: RowValues | undefined, columns: readonly string[]): Value | null => {
  const value = columns.map((column) => row?.get(column) ?? null);
  return value.every((it) => it !== null) ? value : null;
};

const selectMissing = async (
  session: Session,
  { toColumns, types }: OutwardReference,
  values: readonly Value[],
  from: ReturnType<typeof ddl>,
): Promise<readonly string[]> => {
  const given = toColumns.map(
    (_, at) => sql`pg_catalog.unnest(${values.map((it) => it[at] ?? '')}::text[])`,
  );
  const names = toColumns.map((_, at) => ident(`v${at}`));
  const pairs = toColumns.map(
    (column, at) =>
      ddl`p.${ident(column)} = v.${ident(`v${at}`)}::${qualified({ schema: 'pg_catalog', name: types[at] ?? '' })}`,
  );
  const rows = await session.query<{ readonly value: Value }>(sql`
    SELECT ARRAY[${join(names.map((name) => ddl`v.${name}`))}]::text[] AS value
      FROM ROWS FROM (${join(given)}) AS v (${join(names)})
     WHERE NOT EXISTS (SELECT FROM ${from} AS p WHERE ${join(pairs, ' AND ')})`);
  return rows.map(({ value }) => JSON.stringify(value));
};

/** @param merged all tables that are. */
export const readDanglingReferences = async (
  { compared: { table, columns } }: MergedTable,
  merged: readonly QualifiedName[],
  nodes: BothNodes,
  guard: GuardReads,
): Promise<Dangling> => {
  const references: Reference[] = [];
  for (const side of ['a', 'b'] as const) {
    for (const found of await readOutwardReferences(nodes[side], table, merged)) {
      if (!found.columns.every((column) => columns.includes(column))) continue;
      references.push({ ...found, side, rows: 0, example: null, unread: false });
    }
  }
  return new Dangling(table, references, nodes, guard);
};
