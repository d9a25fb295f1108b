// An initial copy from a physical backup that is taken after `init prepare`, while writers run: a real one, made with
// pg_backup_start() and recovered to a timeline of its own.

import { describe, expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import {
  canClone,
  cluster,
  type PrivateServer,
  type TestDatabase,
} from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { testDatabase } from '../../support/servers/test-database.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { cutting } from '../../support/worlds/cut-run.ts';
import { startOf } from '../../support/worlds/edge.ts';
import {
  createManualEdge,
  type ManualEdge,
  manualTopology,
  names,
  startWriting,
  tables,
} from '../../support/worlds/manual-init.ts';
import type { Project } from '../../support/worlds/project.ts';

/** The database of the source on its copy, once that is a server of its own. */
async function restore(server: PrivateServer, edge: ManualEdge): Promise<TestDatabase> {
  const copy = await server.restoreBackup();
  const node = testDatabase(copy.superuser, edge.source.name);
  await waitFor('the copy to be promoted', async () => {
    const [row] = await node
      .query<{ readonly standby: boolean }>('SELECT pg_is_in_recovery() AS standby')
      .catch(() => []);
    return row?.standby === false;
  });
  return node;
}

/** No server answers there: the node is made by its backup. */
const nowhere = 'postgresql://postgres@127.0.0.1:1/nowhere';

async function applySource({ project }: ManualEdge): Promise<Project> {
  const without = project.with({ reporting: nowhere });
  const applied = await without.steep(
    'apply',
    '--auto-approve',
    '--target',
    'primary/publication.sales',
  );
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  return without;
}

const complete = (project: Project, ...flags: readonly string[]) =>
  project.steep('init', 'complete', ...names, '--auto-approve', ...flags);

/** A run that ends, with its process, just before the subscription is told where to start. */
async function cutBeforeStart(project: Project, node: TestDatabase): Promise<void> {
  const cut = await cutting([node.conninfo], (statement) =>
    statement.startsWith('SELECT pg_catalog.pg_replication_origin_advance'),
  );
  const [reporting = ''] = cut.urls;
  const flags = ['--auto-approve', '--wait-for-lock', '120s'];
  const run = project.with({ reporting }).start('init', 'complete', ...names, ...flags);
  await cut.reached;
  run.kill('SIGKILL');
  await run.result;
}

describe.runIf(canClone)('a physical copy', () => {
  test.for([15, 18].filter((major) => majors.includes(major)))(
    'of %i is joined to the slot without a gap, and without a change twice',
    async (major) => {
      const server = await cluster.privateServer(major);
      const edge = await createManualEdge(server, server);
      const { source } = edge;
      const without = await applySource(edge);
      const writer = await startWriting(source);
      const prepared = await without.steep('init', 'prepare', ...names, '--no-hold', '--json');
      expect(prepared.code, prepared.stderr).toBe(0);
      const open = await holdTransaction(source, "INSERT INTO orders VALUES (1000000, 1, 'late')");
      const node = await restore(server, edge);
      await open.commit();

      const project = edge.project.with({ reporting: node.url });
      const completed = await complete(project);
      expect(completed.code, completed.stdout + completed.stderr).toBe(0);
      await writer.stop();
      await waitForSameRows(source, node, tables);
      const again = await project.steep('plan', '--detailed-exitcode');
      expect(again.code, again.stdout).toBe(0);
      const [left] = await node.query(`
        SELECT (SELECT count(*)::int FROM steep_repl.objects WHERE address LIKE 'primary/%') AS objects,
               (SELECT array_agg(node_id) FROM steep_repl.nodes) AS nodes,
               (SELECT count(*)::int FROM steep_repl.init_slots) AS slots`);
      expect(left).toEqual({ objects: 0, nodes: ['reporting'], slots: 0 });
    },
  );

  test.runIf(majors.includes(18))(
    'that is not fit is refused, and a run that is killed continues where it was',
    async () => {
      const server = await cluster.privateServer(18);
      const edge = await createManualEdge(server, server);
      const { source } = edge;
      await source.query(
        `CREATE SUBSCRIPTION feed CONNECTION 'dbname=nowhere' PUBLICATION feed
           WITH (connect = false, slot_name = NONE)`,
      );
      const without = await applySource(edge);
      const prepared = await without.steep('init', 'prepare', ...names, '--no-hold');
      expect(prepared.stdout).toContain('The copy holds 1 subscription of the source');
      const writer = await startWriting(source);
      const node = await restore(server, edge);
      const project = edge.project.with({ reporting: node.url });

      const unfit = await complete(project);
      expect(unfit.code).toBe(3);
      expect(unfit.stderr).toContain('INIT_COPY_UNFIT');
      expect(unfit.stderr).toContain('DROP SUBSCRIPTION feed;');
      await node.query('DROP SUBSCRIPTION feed');

      const elsewhere = await complete(project, '--source-lsn', '0/1');
      expect(elsewhere.code).toBe(3);
      expect(elsewhere.stderr).toContain('INIT_POSITION');

      // A subscription that waits to be told where to start is altered, and the run ends before it is told.
      await cutBeforeStart(project, node);
      await edge.project.describe(manualTopology(edge.slot, { options: { binary: true } }));
      await cutBeforeStart(project, node);
      const idle = await project.steep('apply', '--auto-approve', '--wait-for-lock', '120s');
      expect(idle.code, idle.stdout + idle.stderr).toBe(0);
      expect(await node.query('SELECT subenabled, subbinary FROM pg_subscription')).toEqual([
        { subenabled: false, subbinary: true },
      ]);

      const run = project.start('init', 'complete', ...names, '--auto-approve', '--json');
      await run.until(startOf('advance-origin reporting/subscription.sales'));
      run.kill('SIGKILL');
      await run.result;

      // How far the run came is a matter of luck. Whether or not the origin was moved: nothing else may start it.
      const enabled = () => node.query('SELECT subenabled FROM pg_subscription');
      const before = await enabled();
      const applied = await waitFor('the killed run to let go', async () => {
        const again = await project.steep('apply', '--auto-approve');
        return again.code !== 5 && again;
      });
      expect(applied.code, applied.stdout + applied.stderr).toBe(0);
      expect(await enabled()).toEqual(before);

      const completed = await complete(project);
      expect(completed.code, completed.stdout + completed.stderr).toBe(0);
      await writer.stop();
      await waitForSameRows(source, node, tables);
    },
  );
});
