// A snapshot on storage that is of no use any more while steep.yaml renames the publication: the printed cure can be
// carried out as it is printed.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { createEdge } from '../../support/worlds/edge.ts';
import { dropSnapshotSlots } from './snapshot-under-test.ts';

const items = [{ schema: 'public', name: 'items' }];

test('a lost slot, and a publication that is renamed', async () => {
  const server = await cluster.server(newestMajor);
  const { publisher, subscriber, project, topology } = await createEdge({
    publisher: server,
    subscriber: server,
  });
  onTestFinished(async () => void (await dropSnapshotSlots(publisher)));
  const steep = async (exit: number, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.steep(...args);
    expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(exit);
    return stdout + stderr;
  };
  const describe = (name: string, folder: string): Promise<void> =>
    project.describe({
      publications: { [name]: { node: 'publisher', tables: ['items'] } },
      subscriptions: {
        items: {
          ...topology.subscriptions?.items,
          publications: [name],
          init: { method: 'two_phase', snapshot: folder },
        },
      },
      ...(name !== 'items' && {
        renamed: [{ from: 'publisher/publication.items', to: `publisher/publication.${name}` }],
      }),
    });
  const publications = { items: { node: 'publisher', tables: ['items'] } };
  await project.describe({ publications });
  await steep(0, 'apply', '--auto-approve');
  const made = ['--node', 'publisher', '--output', project.path('first')];
  await steep(0, 'snapshot', 'generate', ...made, '--publication', 'items');
  await describe('items', 'first');
  await steep(0, 'apply', '--auto-approve');
  const [slot] = await publisher.query<{ readonly name: string }>(
    `SELECT slot_name::text AS name FROM pg_replication_slots
      WHERE database = current_database() AND slot_name NOT LIKE 'steep_snapshot_%'`,
  );
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await waitFor('the slot to be idle', () =>
    publisher.query(`SELECT pg_drop_replication_slot('${slot?.name}')`).then(
      () => true,
      () => false,
    ),
  );
  await subscriber.query('ALTER SUBSCRIPTION items ENABLE');
  await publisher.query(`INSERT INTO items (id) SELECT 900001`);
  await describe('goods', 'first');
  const again = ['apply', '--auto-approve', '--reinit', 'subscriber/subscription.items'];
  const refused = await steep(3, ...again);
  const printed = /: steep (apply --target \S+)\. Then .*: steep (snapshot generate .*) NEW_FOLDER/;
  const [, first = '', second = ''] = printed.exec(refused) ?? [];
  await steep(0, ...first.split(' '), '--auto-approve');
  await steep(0, ...second.split(' '), project.path('second'));
  await describe('goods', 'second');
  const consents = ['TARGET_TRUNCATE', 'SUBSCRIPTION_REPLACE'].flatMap((code) => [
    '--allow-hazard',
    `${code}=subscriber/subscription.items`,
  ]);
  await steep(0, ...again, ...consents);
  await waitForSameRows(publisher, subscriber, items);
  expect(await steep(0, 'plan')).toMatch(/^No changes\. /m);
});
