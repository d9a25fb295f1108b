// The definitions of a snapshot → statements for the gate. Schemas, extensions, functions and collations that are there
// already are left as they are.

import { SteepError } from '../../model/errors.ts';
import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import type { NeededObject } from '../../model/schema/needed-object.ts';
import type { SchemaObject, SchemaStatement } from '../../model/schema/schema-change.ts';
import type { SnapshotDefinitions } from '../../model/snapshot/snapshot.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { createStatements } from '../ddl/export-script.ts';
import { recognize } from './known-statements.ts';
import { loadParser, parseStatement } from './parse-statement.ts';

/**
 * In an order in which they can run.
 * @throws SteepError INVALID_EXPRESSION, INVALID_NAME where a text could not be part of a statement.
 */
export const proposeDefinitions = async (
  session: Session,
  definitions: SnapshotDefinitions,
): Promise<readonly SchemaStatement[]> => {
  await loadParser();
  const present = await readPresent(session);
  for (const object of definitions.objects ?? []) assertCreates(object);
  const objects = await readMissing(session, definitions.objects ?? []);
  return createStatements({ ...definitions, objects })
    .map(({ display }) => proposal(display))
    .filter(({ object: { kind, name } }) => !present.has(`${kind} ${name}`));
};

const proposal = (text: string): SchemaStatement => ({
  sql: text,
  object: objectOf(text),
  part: null,
  verb: text.startsWith('CREATE ') ? 'create' : 'alter',
  phase: 'before',
  lock: null,
  inUse: false,
  losesData: false,
  rewrites: false,
});

/** What it says itself; the gate refuses what is unknown. */
const objectOf = (text: string): SchemaObject => {
  const parsed = parseStatement(text);
  const known = typeof parsed === 'string' ? parsed : recognize(parsed);
  if (typeof known === 'string') return { kind: 'table', name: 'unknown' };
  const { kind, name } = known.subject;
  return {
    kind: kind === 'index' ? 'table' : kind,
    name: name.schema === '' ? quoteIdentifier(name.name) : formatName(name),
  };
};

/** A snapshot says it as a whole statement: it must not be another one. */
const assertCreates = ({ kind, name, schema, definition }: NeededObject): void => {
  const parsed = parseStatement(definition);
  const known = typeof parsed === 'string' ? parsed : recognize(parsed);
  const isCreated =
    typeof parsed !== 'string' &&
    typeof known !== 'string' &&
    parsed.kind === statementKinds[kind] &&
    known.subject.name.schema === schema;
  if (isCreated) return;
  throw new SteepError(
    'INVALID_EXPRESSION',
    `The definition of ${kind} ${name} is not the statement that creates it: ${definition}`,
  );
};

const statementKinds = { function: 'CreateFunctionStmt', collation: 'DefineStmt' } as const;

/** Functions and collations that are there already stay as they are. */
const readMissing = async (
  session: Session,
  objects: readonly NeededObject[],
): Promise<readonly NeededObject[]> => {
  // Not by to_regprocedure(): up to 15 it fails where the type of an argument is in a schema that is not there yet.
  const rows = await session.query<{ readonly missing: boolean }>(sql`
    SELECT CASE o.kind WHEN 'function' THEN NOT EXISTS (
                              SELECT FROM pg_catalog.pg_proc AS p WHERE p.oid::pg_catalog.regprocedure::text = o.name)
                       ELSE pg_catalog.to_regcollation(o.name) IS NULL END AS missing
      FROM ROWS FROM (pg_catalog.unnest(${objects.map(({ kind }) => kind)}::text[]),
                      pg_catalog.unnest(${objects.map(({ name }) => name)}::text[])) WITH ORDINALITY AS o (kind, name, position)
     ORDER BY o.position`);
  return objects.filter((_object, index) => rows[index]?.missing === true);
};

const readPresent = async (session: Session): Promise<ReadonlySet<string>> => {
  const rows = await session.query<{ readonly kind: string; readonly name: string }>(sql`
    SELECT 'schema' AS kind, n.nspname AS name FROM pg_catalog.pg_namespace AS n
     UNION ALL
    SELECT 'extension', e.extname FROM pg_catalog.pg_extension AS e
     ORDER BY 1, 2`);
  return new Set(rows.map(({ kind, name }) => `${kind} ${quoteIdentifier(name)}`));
};
