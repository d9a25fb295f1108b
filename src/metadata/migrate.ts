// Installs and upgrades steep_repl. Runs inside the caller's transaction.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, sql } from '../postgres/sql/sql.ts';
import { migrationsBetween } from './migrations.ts';
import { readWorkers } from './queue/workers.ts';

/**
 * Runs the migrations after `from`, each with its row in schema_version. Other runs are kept out by the run lock.
 * @throws SteepError METADATA_HAS_WORKERS (exit 5): workers of the older version serve its queue.
 */
export const runMigrations = async (
  session: Session,
  from: number,
  to: number,
  steepVersion: string,
): Promise<void> => {
  if (from > 0) await assertNoWorker(session);
  for (const migration of migrationsBetween(from, to)) {
    await session.script(migration.text);
    await session.query(sql`
      INSERT INTO steep_repl.schema_version (version, steep_version)
      VALUES (${migration.version}, ${steepVersion})`);
  }
};

/** None begins until this transaction ends: see takeLease. A worker of this version has no lease in an older steep_repl. */
const assertNoWorker = async (session: Session): Promise<void> => {
  await session.query(ddl`LOCK TABLE steep_repl.schema_version IN SHARE ROW EXCLUSIVE MODE`);
  const workers = await readWorkers(session);
  if (workers.length === 0) return;
  const names = workers.map(({ application, pid }) => `${application} (session ${pid})`);
  throw new SteepError(
    'METADATA_HAS_WORKERS',
    `Node ${session.node}: workers of an older version of steep serve its queue: ${names.join(', ')}.`,
    {
      exit: ExitCode.locked,
      suggestions: [
        'End them with SIGTERM: what they run goes back into the queue. Then run the same command again, and start workers of this version.',
      ],
    },
  );
};
