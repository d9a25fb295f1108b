// A table that a subscription is sent again after it was not: what was written in between is missing, which the plan must
// say before, and the cure that it names must bring it.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { onTestFinished } from '../../support/servers/clean-up.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { firstByDay, majors } from '../../support/servers/majors.ts';
import { createEdge, type Edge } from '../../support/worlds/edge.ts';
import { createProject } from '../../support/worlds/project.ts';

const pairs = [
  [14, 18],
  [16, 17],
  [18, 18],
].filter((pair) => pair.every((major) => majors.includes(major as (typeof majors)[number])));

const begin = async ([publisher = 0, subscriber = 0]: readonly number[]): Promise<Edge> => {
  const edge = await createEdge({
    publisher: await cluster.server(publisher),
    subscriber: await cluster.server(subscriber),
  });
  const { code, stdout, stderr } = await edge.project.steep('apply', '--auto-approve');
  expect(code, stdout + stderr).toBe(0);
  return edge;
};

const allow = (code: string): readonly string[] => [
  '--allow-hazard',
  `${code}=subscriber/subscription.items`,
];

/** The command that the plan names, without its first word. */
const cureOf = (plan: string): readonly string[] => {
  const [, command = ''] = /steep (apply --reinit .+)$/m.exec(plan) ?? [];
  expect(command, plan).not.toBe('');
  return command.replaceAll("'", '').split(' ');
};

const ways: readonly (readonly [way: string, statements: string])[] = [
  ['leaves its publication', 'ALTER PUBLICATION items DROP TABLE items'],
  [
    'is dropped and created again',
    'DROP TABLE items; CREATE TABLE items (id int PRIMARY KEY, note text)',
  ],
];

test.each(firstByDay(pairs).flatMap((pair) => ways.map(([way, sql]) => ({ pair, way, sql }))))(
  '$pair: a table that $way is a danger, and the cure copies it',
  async ({ pair, sql }) => {
    const { project, publisher, subscriber } = await begin(pair);
    await publisher.query(sql);
    await publisher.query(
      `INSERT INTO items SELECT n, 'between' FROM generate_series(9001, 9050) n`,
    );
    const plan = await project.steep('plan');
    expect(plan.stdout).toMatch(/DANGER +PUBLICATION_GAP +public\.items is not published for/);
    const cure = cureOf(plan.stdout);
    const refused = await project.steep('apply', '--auto-approve');
    expect(refused.code, refused.stdout).toBe(3);
    const applied = await project.steep('apply', '--auto-approve', ...allow('PUBLICATION_GAP'));
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    const again = await project.steep(...cure, '--auto-approve', ...allow('TARGET_TRUNCATE'));
    expect(again.code, again.stdout + again.stderr).toBe(0);
    await waitForSameRows(publisher, subscriber, [{ schema: 'public', name: 'items' }]);
    expect((await project.steep('plan')).stdout).toMatch(/^No changes\. /m);
  },
);

test('two publishers fill one table: none of them is copied again over the rows of the other', async () => {
  const server = await cluster.server(Math.max(...majors));
  const [north, south, all] = await Promise.all([
    server.createDatabase(),
    server.createDatabase(),
    server.createDatabase(),
  ]);
  onTestFinished(async () => {
    for (const database of [all, north, south]) await database.drop();
  });
  for (const database of [north, south, all])
    await database.query('CREATE TABLE items (id int PRIMARY KEY, note text)');
  await north.query(`INSERT INTO items VALUES (1, 'north')`);
  await south.query(`INSERT INTO items VALUES (2, 'south')`);
  const subscription = (source: string) => ({
    node: 'all',
    source,
    publications: [source],
    slot: `${source}_${all.name}`,
    init: { copy: 'native' as const },
  });
  const project = await createProject(
    { north: north.url, south: south.url, all: all.url },
    {
      publications: {
        north: { node: 'north', tables: ['items'] },
        south: { node: 'south', tables: ['items'] },
      },
      subscriptions: { north: subscription('north'), south: subscription('south') },
    },
  );
  const consents = (codes: readonly string[]): readonly string[] =>
    ['north', 'south'].flatMap((name) =>
      codes.flatMap((code) => ['--allow-hazard', `${code}=all/subscription.${name}`]),
    );
  const consent = consents(['COPY_INTO_NONEMPTY']);
  const { code, stdout, stderr } = await project.steep('apply', '--auto-approve', ...consent);
  expect(code, stdout + stderr).toBe(0);
  const rows = () => all.query('SELECT id FROM items ORDER BY id');
  expect(await rows()).toEqual([{ id: 1 }, { id: 2 }]);
  for (const address of ['all/copy.north:public.items', 'all/subscription.north']) {
    const asked = ['apply', '--auto-approve', '--reinit', address];
    const refused = await project.steep(
      ...asked,
      ...consents(['COPY_INTO_NONEMPTY', 'TARGET_TRUNCATE', 'SUBSCRIPTION_REPLACE', 'SLOT_DROP']),
    );
    expect(refused.code, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stdout).toMatch(
      /BLOCK +COPY_INTO_NONEMPTY .*\n +Subscription south fills public\.items on node all too/,
    );
    expect(await rows()).toEqual([{ id: 1 }, { id: 2 }]);
  }
});
