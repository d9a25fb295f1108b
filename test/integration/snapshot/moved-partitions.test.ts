// Partitions that appear and disappear on the source after a snapshot was made: its rows, with what the slot brings, are not those
// of the table any more, and no subscription begins with them.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors, newestMajor } from '../../support/servers/majors.ts';
import { holdTransaction } from '../../support/servers/transaction.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';
import { dropSnapshotSlots } from './snapshot-under-test.ts';

const widest = lastByDay([...new Set([Math.min(...majors), Math.max(...majors)])]);
const parts = { schema: 'public', name: 'parts' };

interface World extends Edge {
  readonly steep: (exit: number, ...args: readonly string[]) => Promise<string>;
  /** Makes a snapshot, and asks for it. */
  readonly generate: (name: string) => Promise<void>;
}

const worldOf = async (major: number): Promise<World> => {
  const server = await cluster.server(major);
  const edge = await createEdge({ publisher: server, subscriber: server });
  const { publisher, subscriber, project, topology } = edge;
  onTestFinished(async () => void (await dropSnapshotSlots(publisher)));
  await publisher.query(`
    CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
    CREATE TABLE early PARTITION OF parts FOR VALUES FROM (0) TO (1000);
    CREATE TABLE late PARTITION OF parts FOR VALUES FROM (1000) TO (2000)`);
  await publisher.query(`INSERT INTO parts SELECT n, 'first' FROM generate_series(1, 1500) n`);
  await subscriber.query('CREATE TABLE parts (id int PRIMARY KEY, note text)');
  const publications = {
    items: { node: 'publisher', tables: ['items', 'parts'], publish_via_partition_root: true },
  };
  const steep = async (exit: number, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.steep(...args);
    expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(exit);
    return stdout + stderr;
  };
  const generate = async (name: string): Promise<void> => {
    const from = ['--node', 'publisher', '--publication', 'items', '--output', project.path(name)];
    await steep(0, 'snapshot', 'generate', ...from);
    const subscription = {
      ...topology.subscriptions?.items,
      init: { method: 'two_phase', snapshot: name },
    };
    await project.describe({ publications, subscriptions: { items: subscription } });
  };
  await project.describe({ publications });
  await steep(0, 'apply', '--auto-approve');
  return { ...edge, steep, generate };
};

const comeBack = async ({ publisher }: World): Promise<void> => {
  await publisher.query('ALTER TABLE parts DETACH PARTITION late');
  await publisher.query(`UPDATE late SET note = 'unsent'`);
  await publisher.query('ALTER TABLE parts ATTACH PARTITION late FOR VALUES FROM (1000) TO (2000)');
};

test.each(widest)('%i: between the snapshot and the plan', async (major) => {
  const world = await worldOf(major);
  await world.generate('first');
  await comeBack(world);
  const refused = await world.steep(3, 'apply', '--auto-approve');
  expect(refused).toMatch(/SNAPSHOT_UNUSABLE .*public\.late was detached and attached again/);
  await world.generate('second');
  await world.steep(0, 'apply', '--auto-approve');
  await waitForSameRows(world.publisher, world.subscriber, [parts]);
  expect(await world.steep(0, 'plan')).toMatch(/^No changes\. /m);
});

test('while it is loaded', async () => {
  const world = await worldOf(newestMajor);
  const { project, subscriber, publisher } = world;
  await world.generate('first');
  const lock = await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
  const run = project.start('apply', '--auto-approve', '--json', '--lock-retries', '100');
  await run.until(({ event, kind }) => event === 'run.step_started' && kind === 'load-snapshot');
  await comeBack(world);
  await lock.commit();
  const { code, stdout } = await run.result;
  expect(code, stdout).toBe(6);
  expect(stdout).toContain('COPY_TABLE_REPLACED');
  await world.steep(3, 'apply', '--auto-approve');
  await world.generate('second');
  await world.steep(0, 'apply', '--auto-approve');
  await waitForSameRows(publisher, subscriber, [parts]);
});
