// Rights of the connecting role: what is missing, and the statement that gives it.

import { expect, test } from 'vitest';
import type { DoctorFinding } from '../../../../src/model/report/doctor.ts';
import { examine } from '../../../../src/planner/doctor/examine.ts';
import { doctorWorld } from '../../../support/plans/doctor-facts.ts';
import {
  type Change,
  desired,
  findingsOf,
  onOwnership,
  onReplication,
  onRole,
  onServer,
  ownTable,
  primary,
  reporting,
  testRows,
} from '../../../support/servers/doctor-rows.ts';
import { releases } from '../../../support/worlds/worlds.ts';

testRows([
  [
    'a schema that is closed to the role',
    'reporting',
    ownTable({ ownedByRole: true, settable: true, reachable: false }),
    'right.schemas',
    'error',
    /lacks USAGE/,
    'GRANT USAGE ON SCHEMA public TO steep;',
  ],
  [
    'no right to slots',
    'primary',
    onRole({ replication: false }),
    'right.slots',
    'error',
    /slots/,
    'ALTER ROLE steep REPLICATION;',
  ],
  [
    'no right to publish',
    'primary',
    onRole({ createOnDatabase: false }),
    'right.publications',
    'error',
    /create publications/,
    'GRANT CREATE ON DATABASE app TO steep;',
  ],
  [
    'a table of another role',
    'primary',
    ownTable({}),
    'right.publications',
    'error',
    /does not own 1/,
    'GRANT shop TO steep;',
  ],
  [
    'a table of a superuser',
    'primary',
    ownTable({ owner: 'postgres', ownerSuperuser: true }),
    'right.publications',
    'error',
    /does not own 1/,
    'ALTER TABLE public.orders OWNER TO steep;',
  ],
  [
    'a publication of another role',
    'primary',
    onOwnership({
      publications: [
        { name: 'sales', owner: 'shop', ownerSuperuser: false, owned: false, forSuperusers: false },
      ],
    }),
    'right.publications',
    'error',
    /of others: sales/,
    'GRANT shop TO steep;',
  ],
  [
    'no right to subscribe',
    'reporting',
    onRole({ createSubscription: false }),
    'right.subscriptions',
    'error',
    /create subscriptions/,
    'GRANT pg_create_subscription TO steep;',
  ],
  [
    'subscribing before 16',
    'reporting',
    onServer({ versionNumber: releases[1] }),
    'right.subscriptions',
    'error',
    /only superusers/,
    'ALTER ROLE steep SUPERUSER;',
  ],
  [
    'a target of another role',
    'reporting',
    ownTable({}),
    'right.subscriptions',
    'error',
    /become the owner of 1/,
    'GRANT shop TO steep;',
  ],
  [
    'a target whose owner it may become',
    'reporting',
    ownTable({ settable: true }),
    'right.subscriptions',
    'ok',
    /may create/,
  ],
  [
    'steep_repl of another role',
    'primary',
    onOwnership({
      metadata: {
        ...primary.state.ownership.metadata,
        schema: { owner: 'dba', ownerSuperuser: true, owned: false, usage: false, writable: false },
      },
    }),
    'right.metadata',
    'error',
    /belongs to dba/,
    'GRANT USAGE ON SCHEMA steep_repl TO steep;',
  ],
  [
    'sessions of others hidden',
    'primary',
    onRole({ statistics: false }),
    'right.statistics',
    'warning',
    /stays unknown/,
    'GRANT pg_read_all_stats TO steep;',
  ],
  [
    'a role that is not there',
    'primary',
    onRole({ exists: false }),
    'right',
    'error',
    /apply_role, does not exist/,
  ],
  [
    'functions of origins',
    'reporting',
    onRole({ readOrigins: false }),
    'right.origins',
    'ok',
    /do without them/,
  ],
  [
    'optional rights missing',
    'primary',
    onRole({ connectionStrings: false }),
    'right.connection_strings',
    'ok',
    /salted hash/,
  ],
]);

test.each([
  ['triggers or foreign keys cannot be switched off', true, 'error', /cannot be filled/],
  ['no table has triggers or foreign keys', false, 'ok', /do without it/],
])('a role that fills tables: %s', (_what, checked, status, said) => {
  const parallel = {
    ...desired,
    subscriptions: desired.subscriptions.map((sub) => ({ ...sub, init: 'parallel' as const })),
  };
  const target = onRole({ sessionReplicationRole: false })(
    ownTable({ ownedByRole: true, settable: true, checked })(reporting),
  );
  const { live, facts } = doctorWorld(parallel, primary, target);
  const [found] = examine({ desired: parallel, live, facts, edges: [] }).nodes.flatMap(
    ({ findings }) => findings.filter(({ check }) => check === 'right.session_replication_role'),
  );
  expect(found).toMatchObject({
    status,
    message: expect.stringMatching(said),
    cure: ['GRANT SET ON PARAMETER session_replication_role TO steep;'],
  });
});

test('a subscriber is told what its source lacks', () => {
  const found = (change: Change): readonly DoctorFinding[] =>
    findingsOf('reporting', change(primary), reporting).filter(
      ({ check, status }) => check === 'right.subscriptions' && status === 'error',
    );
  expect(found(onReplication({ hasPassword: false }))).toMatchObject([
    { message: expect.stringContaining('holds no password') },
  ]);
  const probe = {
    kind: 'reached',
    systemIdentifier: '1',
    database: 'app',
    passwordAsked: false,
  } as const;
  expect(found(onReplication({ probe }))).toMatchObject([
    { message: expect.stringContaining('without a password') },
  ]);
});
