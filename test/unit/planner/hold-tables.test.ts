// A copy that holds its tables: no table is copied twice, others wait, and the plan says for how long.

import { expect, test } from 'vitest';
import type { Plan } from '../../../src/model/plan/plan.ts';
import type { LargeTables } from '../../../src/model/state/state.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../../support/worlds/worlds.ts';

const GB = 1024 ** 3;
const tables = [table('big', { bytes: 10 * GB }), table('small')];
const largeTables: LargeTables = { method: 'pg_dump', threshold: 10 * GB };

const plan = (settings: Parameters<typeof wantSubscription>[3]): Plan => {
  const desired = desiredState(['eu', 'us'], {
    publications: [
      wantPublication('eu', 'sales', { tables: tables.map(({ name }) => select(name.name)) }),
    ],
    subscriptions: [
      wantSubscription('us', 'eu', 'feed', {
        publications: ['sales'],
        init: 'parallel',
        ...settings,
      }),
    ],
  });
  const live = liveState(
    nodeState('eu', { tables, server: server({ systemIdentifier: '1' }) }),
    nodeState('us', {
      tables: tables.map((it) => ({ ...it, bytes: 0 })),
      server: server({ systemIdentifier: '2' }),
    }),
  );
  const dumpTool = { program: 'pg_dump', version: '18.1', serves: ['eu', 'us'] };
  const policy = { ...desired.policy, copyRate: GB };
  return planOf({ ...desired, policy }, { ...live, dumpTool }, { prune: false });
};

const said = ({ observed }: Plan, code: string): string =>
  observed.hazards[`${code} us/subscription.feed`] ?? '';

const copySteps = ({ steps }: Plan) => steps.filter((step) => step.kind === 'copy-tables');

test('the step holds its tables, and the plan says for how long others wait', () => {
  const made = plan({ holdTables: true });
  expect(copySteps(made)).toMatchObject([{ holdTables: true }]);
  expect(said(made, 'HOLDS_TABLES')).toMatch(
    /^Locks 2 tables on node eu \(public\.big, public\.small\) .* is read: about \d+-\d+ s /,
  );
  expect(said(made, 'COPY_RESTARTS_TABLE')).toBe('');
});

test('it is a plan of its own, and not what is planned unless told', () => {
  const usual = plan({ holdTables: false });
  expect(said(usual, 'HOLDS_TABLES')).toBe('');
  expect(said(usual, 'COPY_RESTARTS_TABLE')).toContain('public.big');
  expect(copySteps(usual)[0]).not.toHaveProperty('holdTables');
  expect(usual.planId).toBe(plan({}).planId);
  expect(usual.planId).not.toBe(plan({ holdTables: true }).planId);
});

test('pg_dump is not used: it would lock the table again, behind a statement that waits for the copy', () => {
  expect(copySteps(plan({ largeTables }))).toMatchObject([{ dumped: [{ name: 'big' }] }]);
  const made = plan({ largeTables, holdTables: true });
  expect(copySteps(made)[0]).not.toHaveProperty('dumped');
  expect(said(made, 'PG_DUMP_NOT_USED')).toContain('public.big: hold_tables locks it');
});

test('PostgreSQL reads each table in one statement, and nothing is held', () => {
  expect(said(plan({ init: 'native', holdTables: true }), 'HOLDS_TABLES')).toBe('');
});
