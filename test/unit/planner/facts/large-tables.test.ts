// Large tables of an initial copy: by pg_dump where it can, with its own estimate; or left to a base backup.

import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../../src/model/plan/plan.ts';
import type { Applied } from '../../../../src/model/state/applied.ts';
import type { DesiredState, LargeTables, LiveState } from '../../../../src/model/state/state.ts';
import type { Table } from '../../../../src/model/state/table.ts';
import { simulateSteps } from '../../../support/plans/simulate.ts';
import {
  desiredState,
  liveState,
  nodeState,
  partition,
  partitioned,
  planOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../../support/worlds/worlds.ts';

const GB = 1024 ** 3;
const feed = 'us/subscription.feed';

interface World {
  readonly large?: LargeTables;
  readonly tables?: readonly Table[];
  readonly publication?: Parameters<typeof wantPublication>[2];
  readonly tool?: LiveState['dumpTool'] | null;
  readonly encoding?: string;
  readonly copyRate?: number;
  readonly init?: 'parallel' | 'native';
}

const tool = { program: 'pg_dump', version: '18.1', serves: ['eu', 'us'] };
const byDump: LargeTables = { method: 'pg_dump', threshold: 10 * GB };
const byHand: LargeTables = { method: 'basebackup', threshold: 10 * GB };

const usual: readonly Table[] = [table('big', { bytes: 10 * GB }), table('small')];

const asked = (world: World): DesiredState => {
  const { large = byDump, tables = usual, publication = {}, copyRate, init = 'parallel' } = world;
  const roots = tables.filter(({ parent }) => parent === null);
  const wanted = desiredState(['eu', 'us'], {
    publications: [
      wantPublication('eu', 'sales', {
        tables: roots.map(({ name }) => select(name.name)),
        ...publication,
      }),
    ],
    subscriptions: [
      wantSubscription('us', 'eu', 'feed', {
        publications: ['sales'],
        init,
        ...(init === 'parallel' ? { largeTables: large } : {}),
      }),
    ],
  });
  return copyRate === undefined ? wanted : { ...wanted, policy: { ...wanted.policy, copyRate } };
};

const servers = ({ tables = usual, tool: given = tool, encoding = 'UTF8' }: World): LiveState => ({
  ...liveState(
    nodeState('eu', { tables, server: server({ systemIdentifier: '1', encoding }) }),
    nodeState('us', {
      tables: tables.map((it) => ({ ...it, bytes: 0 })),
      server: server({ systemIdentifier: '2' }),
    }),
  ),
  ...(given === null ? {} : { dumpTool: given }),
});

const plan = (world: World = {}): Plan => planOf(asked(world), servers(world), { prune: false });

const dumpedIn = ({ steps }: Plan): readonly string[] =>
  steps.flatMap((step) =>
    step.kind === 'copy-tables' ? (step.dumped ?? []).map(({ name }) => name) : [],
  );

const said = ({ observed }: Plan, code: string): string =>
  observed.hazards[`${code} ${feed}`] ?? '';

const summaries = ({ changes }: Plan): readonly string[] =>
  changes.filter(({ kind }) => kind === 'copy').map(({ name, summary }) => `${name}: ${summary}`);

test('the plan says that the copy of tables of more than 128 MB may begin again', () => {
  const tables = [129, 127].map((size) => table(`of_${size}`, { bytes: size * 1024 ** 2 }));
  const inRanges = (world: World): string =>
    said(plan({ tables, ...world }), 'COPY_RESTARTS_TABLE');
  expect(inRanges({})).toMatch(/^Read in ranges of their files: public\.of_129, 129\.0 MB\./);
  expect(inRanges({ init: 'native' })).toBe('');
  expect(inRanges({ large: { method: 'pg_dump', threshold: 1 } })).toBe('');
});

describe('with pg_dump', () => {
  test('come the tables that reach the threshold, and no other', () => {
    const made = plan();
    expect(made.applyable).toBe(true);
    expect(dumpedIn(made)).toEqual(['big']);
    expect(summaries(made)).toEqual([
      'feed:public.big: initial copy with pg_dump',
      'feed:public.small: initial copy',
    ]);
    const [step] = made.steps.filter(({ kind }) => kind === 'copy-tables');
    expect(JSON.stringify(step?.execution)).toContain('; with pg_dump: public.big');
  });

  test('a table just below the threshold is copied as all others', () => {
    const made = plan({ tables: [table('big', { bytes: 10 * GB - 1 })] });
    expect(dumpedIn(made)).toEqual([]);
    expect(made.steps.find(({ kind }) => kind === 'copy-tables')).not.toHaveProperty('dumped');
  });

  test('of a partitioned table the leaves count together', () => {
    const leaves = ['a', 'b'].map((name) => ({ ...partition(name, 'root'), bytes: 5 * GB }));
    const tables = [partitioned('root'), ...leaves];
    expect(dumpedIn(plan({ tables, publication: { viaPartitionRoot: true } }))).toEqual(['root']);
    expect(dumpedIn(plan({ tables }))).toEqual([]);
  });

  test.each([
    ['it has a row filter', { tables: [select('big', { where: 'id > 1' })] }, {}],
    ['it has a column list', { tables: [select('big', { columns: ['id'] })] }, {}],
    [
      'its generated columns are published',
      { generatedColumns: 'stored' as const },
      { columns: [{ name: 'id', type: 'integer', notNull: true, generated: true }] },
    ],
    ['it has no columns', {}, { columns: [], identityColumns: null, keyColumns: null }],
  ])('a table is left to steep, and the plan says why: %s', (why, publication, rest) => {
    const made = plan({ tables: [table('big', { bytes: 20 * GB, ...rest })], publication });
    expect(dumpedIn(made)).toEqual([]);
    expect(said(made, 'PG_DUMP_NOT_USED')).toContain(`public.big: ${why}`);
    expect(said(made, 'PG_DUMP_MISSING')).toBe('');
  });

  test('a database without an encoding is left to steep', () => {
    expect(said(plan({ encoding: 'SQL_ASCII' }), 'PG_DUMP_NOT_USED')).toContain('SQL_ASCII');
  });

  test.each([null, { ...tool, version: null, serves: [] }])('none on this machine: %j', (found) => {
    const made = plan({ tool: found });
    expect(made.applyable).toBe(false);
    expect(said(made, 'PG_DUMP_MISSING')).toContain('(public.big, 10.0 GB)');
  });

  test('one that is older than the source', () => {
    const made = plan({ tool: { program: '/old/pg_dump', version: '15.4', serves: ['us'] } });
    expect(made.applyable).toBe(false);
    expect(said(made, 'PG_DUMP_TOO_OLD')).toContain('/old/pg_dump is of 15.4');
  });

  test('nobody cares which where no table is large', () => {
    expect(plan({ tool: null, tables: [table('small')] }).applyable).toBe(true);
  });

  test('the path of the program is not in what a plan is known by', () => {
    const elsewhere = plan({ tool: { ...tool, program: '/opt/pg_dump', version: '18.2' } });
    expect(elsewhere.planId).toBe(plan().planId);
  });

  test('one stream is estimated between a part of the rate and all of it', () => {
    const made = plan({ copyRate: GB });
    const estimate = made.observed.copies['us/copy.feed:public.big'];
    expect(estimate?.seconds).toEqual({ low: 10 * 0.75, high: 10 * 1.25 * 4 });
    expect(made.observed.estimate.edges[feed]?.seconds?.high).toBe(50);
    const small = made.observed.copies['us/copy.feed:public.small'];
    expect((small?.seconds?.high ?? 0) / (small?.seconds?.low ?? 1)).toBeCloseTo(1.25 / 0.75);
  });
});

describe('manually', () => {
  test('the subscription waits, and the plan names the tables and the commands', () => {
    const made = plan({ large: byHand });
    expect(made.applyable).toBe(true);
    expect(made.steps.map(({ id }) => id).filter((id) => id.includes('feed'))).toEqual([]);
    expect(made.steps.map(({ kind }) => kind)).toContain('create-publication');
    const lines = said(made, 'INIT_BY_HAND').split('\n');
    expect(lines[0]).toContain('public.big, 10.0 GB, is at least 10.0 GB');
    expect(lines[1]).toBe('steep init prepare us --from eu --subscription feed --no-hold');
    expect(lines.some((line) => line.startsWith('pg_basebackup --dbname='))).toBe(true);
    expect(lines).toContain('steep init complete us --from eu --subscription feed');
    expect(lines.some((line) => line.startsWith('pg_createsubscriber'))).toBe(true);
    expect(lines.join('\n')).not.toContain('pg_drop_replication_slot');
    expect(made.standing.map(({ code, severity }) => `${severity} ${code}`)).toContain(
      'warning INIT_BY_HAND',
    );
  });

  test('without a large table it is copied', () => {
    const tables = [table('big', { bytes: 10 * GB - 1 })];
    const kinds = plan({ large: byHand, tables }).steps.map(({ kind }) => kind);
    expect(kinds).toContain('copy-tables');
  });

  test('nothing is left to do when it is there', () => {
    const { steps } = plan({ large: byDump });
    const done = simulateSteps(servers({}), steps);
    const again = planOf(asked({ large: byHand }), done, { prune: false });
    expect(again.steps).toEqual([]);
    expect(said(again, 'INIT_BY_HAND')).toBe('');
  });

  test('a copy that was begun before a table was large continues', () => {
    const few = [table('big'), table('small')];
    const { steps } = plan({ large: byHand, tables: few });
    const until = steps.findIndex(({ kind }) => kind === 'create-slot');
    const killed = simulateSteps(servers({ tables: few }), steps.slice(0, until + 1));
    const eu = killed.nodes.eu;
    if (eu === undefined) throw new Error('no node');
    const grown = { ...killed, nodes: { ...killed.nodes, eu: { ...eu, tables: usual } } };
    const kinds = planOf(asked({ large: byHand }), grown, { prune: false }).steps.map(
      ({ kind }) => kind,
    );
    expect(kinds).toContain('copy-tables');
  });

  test('what was restored and does not know its start is not started otherwise', () => {
    const { steps } = plan({ large: byDump });
    const done = simulateSteps(servers({}), steps);
    const us = done.nodes.us;
    if (us === undefined) throw new Error('no node');
    const applied: readonly Applied[] = [
      {
        kind: 'subscription',
        node: 'us',
        name: 'feed',
        address: feed,
        spec: null,
        protect: false,
        runId: 'run-1',
        appliedAt: '2026-01-31T12:00:00.000Z',
        awaitsOrigin: '0/5',
      },
    ];
    const resources = us.resources.map((it) =>
      it.kind === 'subscription' ? { ...it, spec: { ...it.spec, enabled: false } } : it,
    );
    const small = [table('big'), table('small')];
    const waiting = {
      ...done,
      nodes: { ...done.nodes, us: { ...us, applied, resources, tables: small } },
    };
    const kinds = planOf(asked({ large: byHand, tables: small }), waiting, {
      prune: false,
    }).steps.map(({ kind }) => kind);
    expect(kinds).not.toContain('enable-subscription');
  });
});
