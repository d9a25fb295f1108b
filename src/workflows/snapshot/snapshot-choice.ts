// Which tables a snapshot is taken of: of publications, by name, of schemas, or all.

import {
  readMissingPublications,
  readPublishedTables,
  readUserTables,
} from '../../catalog/copies/read-snapshot-source.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, isReservedSchema, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { Session } from '../../postgres/session.ts';
import type { Wanted } from '../schema/compare-schemas.ts';

export interface SnapshotChoiceRequest {
  readonly wanted: Wanted;
  /** Empty: whole tables. */
  readonly publications: readonly string[];
}

/** @throws SteepError USAGE for publications that are not there, tables of PostgreSQL or of steep, and where there is nothing to take. */
export const chooseTables = async (
  session: Session,
  request: SnapshotChoiceRequest,
): Promise<readonly QualifiedName[]> => {
  const { wanted, publications } = request;
  const missing = await readMissingPublications(session, publications);
  if (missing.length > 0) {
    throw usage(`Node ${session.node} has no publication ${missing.join(', ')}.`);
  }
  const tables = await tablesOf(session, request);
  // pg_authid and pg_subscription hold passwords, and steep_repl keeps rows of others.
  const reserved = tables.filter(({ schema }) => isReservedSchema(schema));
  if (reserved.length > 0) {
    throw usage(
      `Not part of a snapshot: ${reserved.map(formatName).join(', ')}. The schema belongs to PostgreSQL or to steep.`,
    );
  }
  if (tables.length > 0) return tables;
  const place = wanted.schemas === null ? '' : ` in ${wanted.schemas.join(', ')}`;
  throw usage(`Node ${session.node} has no table to take a snapshot of${place}.`);
};

const tablesOf = async (
  session: Session,
  { wanted, publications }: SnapshotChoiceRequest,
): Promise<readonly QualifiedName[]> => {
  if (publications.length > 0) return readPublishedTables(session, publications);
  return wanted.tables ?? readUserTables(session, wanted.schemas);
};

const usage = (message: string): SteepError =>
  new SteepError('USAGE', message, {
    exit: ExitCode.usage,
    suggestions: ['To list them: steep schema compare, or \\dRp+ and \\dt in psql.'],
  });
