// Reviewed = executed: what the servers logged of a run is what its plan said, statement by statement and byte
// by byte, with the time limits that it said, and nothing besides but the frame that docs/planning.md names.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sampleSteps } from '../../../scripts/docs/sample-steps.ts';
import { compareText } from '../../../src/model/identifier.ts';
import { toCamelKeys } from '../../../src/model/key-case.ts';
import type { PlannedStep } from '../../../src/model/plan/plan.ts';
import { isFrame, limitProbe, type Sent, sentByRun } from '../../support/plans/sent-by-runs.ts';
import { jsonLines } from '../../support/report.ts';
import { cluster, type PrivateServer, type TestDatabase } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { statementLogging } from '../../support/servers/server-log.ts';
import { createProject, type Project, type Topology } from '../../support/worlds/project.ts';

const pairs = [
  [14, 18],
  [16, 17],
  [18, 18],
] as const;

const seen = new Set<string>();

interface World {
  readonly project: Project;
  readonly servers: Readonly<Record<string, PrivateServer>>;
  readonly name: string;
  readonly store: TestDatabase;
  readonly source: TestDatabase;
}

const tables = ['a', 'b', 'c', 'd', 'e'];

const create = async (publisherMajor: number, subscriberMajor: number): Promise<World> => {
  const publisher = await cluster.privateServer(publisherMajor, statementLogging);
  const subscriber = await cluster.privateServer(subscriberMajor, statementLogging);
  const source = await publisher.createDatabase();
  const target = await subscriber.createDatabase();
  const store = await publisher.createDatabase();
  for (const database of [source, target]) {
    for (const table of tables) await database.query(`CREATE TABLE ${table} (id int PRIMARY KEY)`);
    await database.query(limitProbe);
  }
  await source.query('CREATE TABLE f (id int PRIMARY KEY, note text)');
  await source.query('INSERT INTO b VALUES (1), (2)');
  await source.query('CREATE PUBLICATION wide FOR ALL TABLES');
  await source.query('CREATE PUBLICATION by_hand FOR TABLE d');
  const project = await createProject(
    { publisher: source.url, subscriber: target.url },
    { nodes: {} },
  );
  return { project, servers: { publisher, subscriber }, name: source.name, store, source };
};

const newOption = (publisher: number, subscriber: number): object => {
  if (publisher >= 17 && subscriber >= 17) return { failover: true };
  return {};
};

/** Files that together need every kind of step. */
const files = (world: World, [publisher, subscriber]: readonly [number, number]) => {
  const nodes = { publisher: { metadata_database: world.store.name } };
  const policy = {
    allow_hazards: ['PUBLICATION_GAP', 'SLOT_DROP', 'SLOT_CREATE_WAITS', 'METADATA_DROP'],
  };
  const wide = { node: 'publisher', tables: ['a'] };
  const byHand = { node: 'publisher', tables: ['d'] };
  const full = { name: 'c', replica_identity: 'full' };
  const feed = { node: 'subscriber', source: 'publisher' };
  const first: Topology = {
    nodes,
    policy,
    publications: { wide, by_hand: byHand, plain: { node: 'publisher', tables: ['b', full] } },
    subscriptions: { feed: { ...feed, publications: ['plain'], slot: `one_${world.name}` } },
  };
  const second: Topology = {
    ...first,
    publications: {
      ...first.publications,
      plain: { node: 'publisher', tables: ['b', full, 'e', 'f'] },
    },
    subscriptions: {
      feed: {
        ...feed,
        publications: ['by_hand', 'plain'],
        slot: `two_${world.name}`,
        schema_sync: 'auto',
        options: { binary: true, ...newOption(publisher, subscriber) },
      },
    },
  };
  const { plain, ...others } = second.publications ?? {};
  const renamed: Topology = {
    ...second,
    publications: { ...others, simple: plain ?? {} },
    subscriptions: {
      news: { ...second.subscriptions?.feed, publications: ['by_hand', 'simple'] },
    },
    renamed: [
      { from: 'publisher/publication.plain', to: 'publisher/publication.simple' },
      { from: 'subscriber/subscription.feed', to: 'subscriber/subscription.news' },
    ],
  };
  const third: Topology = { nodes, policy, publications: { wide, by_hand: byHand } };
  return [
    { file: first, flags: ['--lock-timeout', '1500ms', '--slot-timeout', '45s'] },
    { file: second, flags: [] },
    { file: renamed, flags: [] },
    { file: third, flags: ['--prune', '--lock-timeout', '3s'] },
    { file: third, flags: ['--destroy'] },
  ];
};

const sqlFile = /^-- run (sql\/\S+) \((?:sha256:)?([0-9a-f]+)\)/;

/** A statement as it is sent: what runs a migration names its file, by its hash. */
const sentAs = (statement: string): readonly string[] =>
  statement.split('\n').flatMap((line) => {
    const [, file, hash] = sqlFile.exec(line) ?? [];
    if (file !== undefined) {
      const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
      expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
      return [text.trim()];
    }
    return line.startsWith('-- ') ? [] : [line];
  });

const inWords = (ms: number): string =>
  ms === 0 ? '0' : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;

/** A walsender minds no time limit: steep itself ends what takes too long. */
const onWalsender = /^CREATE_REPLICATION_SLOT /;

const expectedOf = ({ execution }: PlannedStep): readonly Omit<Sent, 'onServer'>[] => {
  const texts = execution.statements.flatMap((statement) =>
    statement.startsWith('--') ? sentAs(statement) : [statement],
  );
  const begins = texts.some((text) => text.startsWith('BEGIN'));
  return texts
    .filter((text) => !isFrame(text))
    .map((text) => ({
      text,
      inTransaction: execution.transactional || begins,
      lockTimeoutMs: execution.lockTimeoutMs ?? 0,
      statementTimeoutMs: onWalsender.test(text) ? 0 : (execution.statementTimeoutMs ?? 0),
    }));
};

const expectExecuted = async (
  { project, servers }: World,
  flags: readonly string[],
): Promise<void> => {
  const planned = await project.steep('plan', '--out', 'p', ...flags);
  expect(planned.code, planned.stderr + planned.stdout).toBe(0);
  const { steps } = toCamelKeys(JSON.parse(await project.read('p'))) as {
    readonly steps: readonly PlannedStep[];
  };
  const applied = await project.steep('apply', 'p', '--json');
  expect(applied.code, applied.stderr).toBe(0);
  const events = jsonLines(applied) as readonly Readonly<Record<string, string>>[];
  const runId = events[0]?.run_id ?? '';
  const started = events.flatMap(({ event, step }) =>
    event === 'run.step_started' ? [step ?? ''] : [],
  );
  expect(started.toSorted(compareText)).toEqual(steps.map(({ id }) => id).toSorted(compareText));
  for (const [node, server] of Object.entries(servers)) {
    const inOrder = started.flatMap((id) => steps.filter((it) => it.id === id && it.node === node));
    const sent = sentByRun(await server.logText(), runId);
    expect(sent.map(({ onServer: _limits, ...rest }) => rest)).toEqual(inOrder.flatMap(expectedOf));
    for (const { text, onServer, lockTimeoutMs, statementTimeoutMs } of sent) {
      const limits = `${inWords(lockTimeoutMs)} ${inWords(statementTimeoutMs)}`;
      expect({ text, limits: [...new Set(onServer)] }).toEqual({
        text,
        limits: onServer.length === 0 ? [] : [limits],
      });
    }
    if (
      inOrder.some(({ kind }) => /publication|subscription$/.test(kind) && kind !== 'wait-for-copy')
    ) {
      expect(sent.some(({ onServer }) => onServer.length > 0)).toBe(true);
    }
  }
  for (const { kind } of steps) seen.add(kind);
};

const runnable = pairs.filter((pair) => pair.every((major) => majors.includes(major)));

/** A pair is filled, and grows: two-way replication came with 16. */
const pairFiles = ({ name }: World): readonly Topology[] =>
  [['a'], ['a', 'b']].map((of) => ({
    pairs: { [`p_${name}`]: { nodes: ['subscriber', 'publisher'], tables: of } },
  }));

describe.each(lastByDay(runnable))('%i -> %i', (...pair) => {
  test('each run sends what its plan says', async () => {
    const world = await create(...pair);
    for (const { file, flags } of files(world, pair)) {
      await world.project.describe(file);
      await expectExecuted(world, flags);
    }
    if (pair.some((major) => major < 16)) return;
    // The first node may hold rows, and the second none.
    await world.source.query('TRUNCATE b');
    for (const file of pairFiles(world)) {
      await world.project.describe(file);
      await expectExecuted(world, []);
    }
  });
});

/** Kinds that no undisturbed run of these files needs, and where their statements are looked at. */
const seenElsewhere = {
  'settle-copy': 'after a crash only: test/integration/init',
  'undo-copy': 'after a crash only: test/integration/init',
  'truncate-tables': 'with --force: a scenario',
  'load-snapshot': 'a snapshot on storage: test/integration/init',
  'advance-slot': 'a publication that was renamed by hand: test/integration/too-new',
  'advance-origin': 'a copy by hand: test/integration/init',
  'merge-pair': 'two nodes that both hold rows: test/integration/merge',
  'forget-former-nodes': 'a copy by hand: test/integration/init',
  'advance-sequences': 'native copies of tables with sequences: test/integration/init',
  'move-slot': 'a command of its own: test/integration/primitives',
  'create-origin': 'the same',
  'drop-origin': 'the same',
  'move-origin': 'the same',
};

test.skipIf(runnable.length < pairs.length)('together they hold every kind of step', () => {
  const elsewhere = new Set(Object.keys(seenElsewhere));
  const expected = Object.keys(sampleSteps).filter((kind) => !elsewhere.has(kind));
  expect([...seen].toSorted()).toEqual(expected.toSorted());
});
