// The definitions of a snapshot → statements for the gate. Schemas and extensions that are there already are left as
// they are.

import { formatName, quoteIdentifier } from '../../model/identifier.ts';
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
  return createStatements(definitions)
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

const readPresent = async (session: Session): Promise<ReadonlySet<string>> => {
  const rows = await session.query<{ readonly kind: string; readonly name: string }>(sql`
    SELECT 'schema' AS kind, n.nspname AS name FROM pg_catalog.pg_namespace AS n
     UNION ALL
    SELECT 'extension', e.extname FROM pg_catalog.pg_extension AS e
     ORDER BY 1, 2`);
  return new Set(rows.map(({ kind, name }) => `${kind} ${quoteIdentifier(name)}`));
};
