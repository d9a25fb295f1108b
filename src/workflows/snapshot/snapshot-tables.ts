// Creates the tables that a snapshot describes, where none of them is there: made of the definitions in its manifest, each
// statement examined, shown, and run as the owner of what it creates. No file of the snapshot is ever run.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { FoundHazard } from '../../model/plan/hazard.ts';
import type { AdmittedStatement } from '../../model/schema/schema-change.ts';
import type { SnapshotDefinitions, SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import { carriedCode } from '../../planner/hazards/schema/schema-hazards.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, examinedStatement, ident } from '../../postgres/sql/sql.ts';
import { isOlderThan } from '../../postgres/versions.ts';
import { neededFeatures } from '../../schema/ddl/needed-features.ts';
import { admit } from '../../schema/gate/admit.ts';
import { proposeDefinitions } from '../../schema/gate/propose.ts';

export interface TablesRequest {
  /** Shows the statements that are about to run. */
  readonly show: (statements: readonly string[]) => void;
  /** Asks for what needs consent. */
  readonly agree: (hazards: readonly FoundHazard[]) => Promise<boolean>;
}

/**
 * What can be run once it was agreed to.
 * @throws SteepError SNAPSHOT_SCHEMA_OLD, SNAPSHOT_SCHEMA_REFUSED, CONSENT_DECLINED; nothing was changed.
 */
export const prepareTables = async (
  session: Session,
  manifest: SnapshotManifest,
  { show, agree }: TablesRequest,
): Promise<readonly AdmittedStatement[]> => {
  const { node } = session;
  const { definitions } = manifest;
  if (definitions === undefined) throw withoutDefinitions(manifest);
  assertNewEnough(session, definitions);
  const { statements, refused } = await examined(session, definitions);
  if (refused.length > 0) {
    throw refusal(
      node,
      refused.map(({ sql, why }) => `${sql} (${why})`),
      [...new Set(refused.map(({ cure }) => cure))],
    );
  }
  show(statements.map(({ sql }) => sql));
  const hazards = hazardsOf(node, statements);
  if (hazards.length > 0 && !(await agree(hazards))) {
    throw new SteepError('CONSENT_DECLINED', 'Declined: nothing was changed.');
  }
  return statements;
};

/** In the transaction that is open. */
export const runStatements = async (
  session: Session,
  statements: readonly AdmittedStatement[],
): Promise<void> => {
  for (const { sql, role } of statements) {
    if (role !== null) await session.query(ddl`SET LOCAL ROLE ${ident(role)}`);
    await session.query(examinedStatement(sql));
    if (role !== null) await session.query(ddl`RESET ROLE`);
  }
};

const unusable: ReadonlySet<string> = new Set(['INVALID_EXPRESSION', 'INVALID_NAME']);

const examined = async (session: Session, definitions: SnapshotDefinitions) => {
  try {
    const statements = await proposeDefinitions(session, definitions);
    return await admit(session, { statements, unsupported: [], refused: [] });
  } catch (error) {
    if (error instanceof SteepError && unusable.has(error.code)) {
      throw refusal(session.node, [error.message], [byHand]);
    }
    throw toFailure(error, { node: session.node, doing: 'examining the tables of the snapshot' });
  }
};

/** One for each object, with all of its code. */
const hazardsOf = (
  node: NodeName,
  statements: readonly AdmittedStatement[],
): readonly FoundHazard[] =>
  [...Map.groupBy(statements, ({ object }) => addressOf(node, object.kind, object.name))].flatMap(
    ([address, own]) => {
      const [first] = own;
      return first === undefined ? [] : carriedCode(node, address, first.object, own);
    },
  );

const byHand = 'Create the tables by hand, and load the rows without --schema-sync auto.';

const withoutDefinitions = ({ snapshotId, steepVersion }: SnapshotManifest): SteepError =>
  new SteepError(
    'SNAPSHOT_SCHEMA_OLD',
    `Snapshot ${snapshotId} was written by steep ${steepVersion}, which did not describe the tables in the manifest. Its schema.sql is not run.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Generate the snapshot again; or read schema.sql, create the tables by hand, and run the same command without --schema-sync auto: the rows can be loaded.',
      ],
    },
  );

const refusal = (node: NodeName, found: readonly string[], cures: readonly string[]): SteepError =>
  new SteepError(
    'SNAPSHOT_SCHEMA_REFUSED',
    `Node ${node}: the definitions of the snapshot contain statements that steep does not run: ${found.join('; ')}`,
    { exit: ExitCode.refused, suggestions: cures },
  );

const assertNewEnough = (session: Session, { tables }: SnapshotDefinitions): void => {
  const needed = neededFeatures(tables).filter(({ since }) =>
    isOlderThan(session.serverVersion, since),
  );
  const newest = Math.max(...needed.map(({ since }) => since));
  if (needed.length === 0) return;
  throw refusal(
    session.node,
    needed.map(({ table, what }) => `${table}: ${what}`),
    [`Use a server of PostgreSQL ${newest} or later; or create the tables by hand.`],
  );
};
