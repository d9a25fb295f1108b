// Two nodes, registered, with an edge to be made between them; workers as processes; and what is on record of operations.

import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';
import { installMetadata } from '../catalog/metadata.ts';
import type { Later } from '../copy/copy-under-test.ts';
import { dropSnapshotSlots, newDirectory } from '../snapshot/snapshot-under-test.ts';

export interface QueueWorld {
  readonly project: Project;
  readonly primary: TestDatabase;
  readonly reporting: TestDatabase;
  /** Where a worker may write snapshots. */
  readonly backups: string;
}

export const createQueueWorld = async (
  major: number,
  rows: number = 1000,
  later: Later = onTestFinished,
): Promise<QueueWorld> => {
  const primary = await cluster.database(major);
  const reporting = await cluster.database(major);
  later(async () => {
    await reporting.drop();
    await dropSnapshotSlots(primary);
    await primary.drop();
  });
  for (const [node, database] of Object.entries({ primary, reporting })) {
    await database.query(
      'CREATE TABLE orders (id int PRIMARY KEY, note text); CREATE TABLE refunds (id int PRIMARY KEY, note text)',
    );
    await installMetadata(database);
    await database.query(`SELECT steep_repl.register_node('${node}', '${node}')`);
  }
  await primary.query(
    `INSERT INTO orders SELECT n, repeat(md5(n::text), 5) FROM generate_series(1, ${rows}) AS n;
     INSERT INTO refunds SELECT n, 'refund' FROM generate_series(1, 10) AS n`,
  );
  const project = await createProject(
    { primary: primary.url, reporting: reporting.url },
    {
      publications: { sales: { node: 'primary', tables: ['orders', 'refunds'] } },
      subscriptions: {
        feed: {
          node: 'reporting',
          source: 'primary',
          publications: ['sales'],
          slot: `feed_${primary.name}`,
        },
      },
    },
  );
  return { project, primary, reporting, backups: await newDirectory(later) };
};

/** The one value of a call of steep_repl. */
export const call = async (database: TestDatabase, text: string): Promise<string> => {
  const [row] = await database.query<{ readonly value: string }>(
    `SELECT steep_repl.${text}::text AS value`,
  );
  return row?.value ?? '';
};

export interface Operation {
  readonly id: string;
  readonly operation: string;
  readonly status: string;
  readonly attempts: number;
  readonly has_worker: boolean;
  readonly error_code: string | null;
  readonly error: string | null;
  readonly cures: readonly string[];
}

export const operationsOf = (database: TestDatabase): Promise<readonly Operation[]> =>
  database.query<Operation>(
    `SELECT id, operation, status, attempts, has_worker, error_code, error, cures FROM steep_repl.list_operations()`,
  );

export const operationOf = async (database: TestDatabase, id: string): Promise<Operation> => {
  const found = (await operationsOf(database)).find((it) => it.id === id);
  if (found === undefined) throw new Error(`there is no operation ${id}`);
  return found;
};

/** Until the operation has this status. */
export const waitForStatus = (
  database: TestDatabase,
  id: string,
  status: string,
): Promise<Operation> =>
  waitFor(
    `operation ${id} to be ${status}`,
    async () => {
      const found = await operationOf(database, id);
      if (found.status === status) return found;
      if (found.status === 'failed' || found.status === 'complete')
        throw new Error(JSON.stringify(found));
      return null;
    },
    { timeoutMs: 120_000 },
  );

/** How often the audit log says that an operation ended as this. */
export const endsOf = async (
  database: TestDatabase,
  id: string,
  event: string,
): Promise<number> => {
  const rows = await database.query(
    `SELECT FROM steep_repl.audit_log WHERE subject = 'operation ${id}' AND event = '${event}'`,
  );
  return rows.length;
};
