// Hazards that follow from the facts of a server alone: its version, its limits, its role, what is before it.

import { describe, expect, test } from 'vitest';
import type { Hazard } from '../../../../../src/model/plan/hazard.ts';
import type { Plan } from '../../../../../src/model/plan/plan.ts';
import type { RoleFacts, ServerFacts } from '../../../../../src/model/state/server.ts';
import type { Table } from '../../../../../src/model/state/table.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  resource,
  select,
  server,
  superuser,
  table,
  wantPublication,
  wantSubscription,
} from '../../../../support/worlds/worlds.ts';

/** One table from a to b, from nothing. */
const edge = desiredState(['a', 'b'], {
  publications: [wantPublication('a', 'p', { tables: [select('orders')] })],
  subscriptions: [wantSubscription('b', 'a', 's', { publications: ['p'] })],
});

interface World {
  readonly a?: Partial<ServerFacts>;
  readonly b?: Partial<ServerFacts>;
  readonly orders?: Partial<Table>;
}

const planned = ({ a, b, orders }: World, desired = edge): Plan =>
  planOf(
    desired,
    liveState(
      nodeState('a', { server: server(a), tables: [table('orders', orders)] }),
      nodeState('b', { server: server(b), tables: [table('orders')] }),
    ),
  );

/** Those of a node are listed with its registration, where that is planned too. */
const found = (plan: Plan, code: string): readonly Hazard[] =>
  [...plan.standing, ...plan.changes.flatMap(({ hazards }) => hazards)].filter(
    (hazard) => hazard.code === code,
  );

const sentences = (plan: Plan, code: string): readonly string[] =>
  found(plan, code).map(({ address }) => plan.observed.hazards[`${code} ${address}`] ?? '');

test('what the connected role may not see is said, and is no part of the plan id', () => {
  const weak = { name: 'plans', superuser: false, replication: false };
  const reader = { ...weak, statistics: false, fileSettings: false };
  const [seeing, blind] = [planned({}), planned({ a: { reader }, b: { reader } })];
  expect(blind.planId).toBe(seeing.planId);
  expect(seeing.observed.unchecked).toBeUndefined();
  expect(blind.observed.unchecked).toMatchObject([
    { address: 'a/node.a', what: 'sessions of other roles' },
    { address: 'b/node.b', what: 'sessions of other roles' },
    { address: 'b/node.b', what: 'settings in the configuration files' },
  ]);
});

test('a server with room, rights and a release without bugs is no hazard', () => {
  expect(planned({})).toMatchObject({
    applyable: true,
    summary: { block: 0, danger: 0, warning: 1, notice: 2 },
  });
});

test('MINOR_VERSION warns of a release with a known bug, and names the fix', () => {
  const plan = planned({ a: { versionNumber: 160008 } });
  expect(plan.applyable).toBe(true);
  expect(found(plan, 'MINOR_VERSION')).toEqual([
    {
      code: 'MINOR_VERSION',
      severity: 'warning',
      address: 'a/node.a',
      remedy: 'Upgrade node a to 16.9 or later.',
    },
  ]);
});

test('POOLER blocks', () => {
  const plan = planned({ b: { pooled: true } });
  expect(plan.applyable).toBe(false);
  expect(found(plan, 'POOLER')).toMatchObject([{ severity: 'block', address: 'b/node.b' }]);
});

describe('CAPACITY', () => {
  const full = (setting: string, limit: number, used: number): Partial<ServerFacts> => ({
    limits: [{ setting, limit, used }],
  });

  test.each<[string, World, string]>([
    [
      'no slot left',
      { a: full('max_replication_slots', 5, 5) },
      'a: max_replication_slots = 5, 5 used, 1 more',
    ],
    [
      'no walsender left',
      { a: full('max_wal_senders', 3, 3) },
      'a: max_wal_senders = 3, 3 used, 1 more',
    ],
    [
      'no worker left',
      { b: full('max_logical_replication_workers', 4, 4) },
      'b: max_logical_replication_workers = 4',
    ],
    ['no process left', { b: full('max_worker_processes', 8, 8) }, 'b: max_worker_processes = 8'],
    [
      'no origin left',
      { b: full('max_active_replication_origins', 2, 2) },
      'b: max_active_replication_origins = 2',
    ],
    ['wal_level', { a: { walLevel: 'replica' } }, 'a has wal_level = replica'],
  ])('%s blocks', (_what, world, sentence) => {
    const plan = planned(world);
    expect(plan.applyable).toBe(false);
    expect(sentences(plan, 'CAPACITY')).toEqual([expect.stringContaining(sentence)]);
  });

  test.each<[string, World]>([
    ['the last slot', { a: full('max_replication_slots', 5, 4) }],
    ['the last worker', { b: full('max_logical_replication_workers', 4, 3) }],
    ['slots on the subscriber, which needs none', { b: full('max_replication_slots', 5, 5) }],
    ['wal_level of the subscriber', { b: { walLevel: 'replica' } }],
    [
      'a limit that the plan has no use for',
      { a: full('max_sync_workers_per_subscription', 2, 2) },
    ],
  ])('%s is no hazard', (_what, world) => {
    expect(found(planned(world), 'CAPACITY')).toEqual([]);
  });

  test('counts what every step of the node needs', () => {
    const subscriptions = ['s', 't'].map((name) =>
      wantSubscription('b', 'a', name, { publications: ['p'] }),
    );
    const plan = planned({ a: full('max_wal_senders', 9, 8) }, { ...edge, subscriptions });
    expect(sentences(plan, 'CAPACITY')).toEqual([expect.stringContaining('2 more needed')]);
  });
});

describe('PRIVILEGE', () => {
  const weak: RoleFacts = {
    ...superuser,
    name: 'dba one',
    superuser: false,
    replication: false,
    createOnDatabase: false,
    createSubscription: false,
  };
  const grants = (plan: Plan): readonly string[] =>
    found(plan, 'PRIVILEGE').flatMap(({ remedy }) => remedy.split('\n'));

  test('names every missing grant of a node at once, as SQL', () => {
    const plan = planned({ a: { role: weak }, b: { role: weak }, orders: { ownedByRole: false } });
    expect(plan.applyable).toBe(false);
    expect(grants(plan)).toEqual([
      'GRANT CREATE ON DATABASE app TO "dba one";',
      'ALTER ROLE "dba one" REPLICATION;',
      'GRANT app_owner TO "dba one";',
      'GRANT CREATE ON DATABASE app TO "dba one";',
      'GRANT pg_create_subscription TO "dba one";',
    ]);
  });

  test("a superuser's table is passed on: membership would make a superuser", () => {
    const role = { ...weak, createOnDatabase: true, replication: true };
    const orders = { ownedByRole: false, owner: 'postgres', ownerSuperuser: true };
    expect(grants(planned({ a: { role }, orders }))).toEqual([
      'ALTER TABLE public.orders OWNER TO "dba one";',
    ]);
  });

  test('CREATE SUBSCRIPTION wants a superuser before 16', () => {
    const b = { versionNumber: 150018, role: { ...weak, createOnDatabase: true } };
    expect(grants(planned({ b }))).toEqual(['ALTER ROLE "dba one" SUPERUSER;']);
  });

  test('TABLES IN SCHEMA wants a superuser', () => {
    const role = { ...weak, createOnDatabase: true, replication: true };
    const publications = [wantPublication('a', 'p', { schemas: ['public'] })];
    expect(grants(planned({ a: { role } }, { ...edge, publications }))).toEqual([
      'ALTER ROLE "dba one" SUPERUSER;',
    ]);
  });

  test('a role that steep.yaml names and that is not there is to be made first', () => {
    const role = { ...superuser, name: 'ships', superuser: false, exists: false };
    expect(grants(planned({ b: { role } }))).toEqual(['CREATE ROLE ships LOGIN;']);
  });

  test('to set where a subscription of a physical copy begins takes a function that is not for all', () => {
    const [sub] = edge.subscriptions;
    const restored = { proof: 'position', startsAt: '0/2', formerNodes: [] } as const;
    const subscriptions = sub === undefined ? [] : [{ ...sub, init: 'manual', restored } as const];
    const copied = (advanceOrigins: boolean): Plan => {
      const role = { ...superuser, superuser: false, advanceOrigins };
      return planned({ b: { role } }, { ...edge, subscriptions });
    };
    expect(copied(true).steps.map(({ kind }) => kind)).toContain('advance-origin');
    expect(grants(copied(true))).toEqual([]);
    expect(grants(copied(false))).toEqual([
      'GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_advance(text, pg_lsn) TO postgres;',
    ]);
  });

  test('tables that a step locks, which takes a privilege on each', () => {
    const role = { ...superuser, name: 'dba', superuser: false };
    const replaced = (versionNumber: number): readonly string[] => {
      const all = resource('publication', 'a', 'p', {
        tables: [],
        schemas: [],
        allTables: true,
        publish: ['insert', 'update', 'delete', 'truncate'],
        viaPartitionRoot: false,
        generatedColumns: 'none',
      });
      const tables = [table('orders', { lockable: false }), table('refunds', { lockable: false })];
      return grants(
        planOf(
          edge,
          liveState(
            nodeState('a', { server: server({ versionNumber, role }), tables, resources: [all] }),
            nodeState('b', { tables }),
          ),
        ),
      );
    };
    expect(replaced(160014)).toEqual(['GRANT UPDATE ON public.orders TO dba;']);
    expect(replaced(170010)).toEqual(['GRANT MAINTAIN ON public.orders TO dba;']);
    expect(grants(planned({ a: { role }, orders: { lockable: false } }))).toEqual([]);
  });

  test.each<[string, World]>([
    ['rights that suffice', { a: { role: { ...superuser, superuser: false } } }],
    ['a superuser, whoever owns the table', { orders: { ownedByRole: false } }],
  ])('%s: no hazard', (_what, world) => {
    expect(grants(planned(world))).toEqual([]);
  });

  test('where nothing is to be done, nothing is asked for', () => {
    const plan = planned({ a: { role: weak, metadataVersion: 1 } }, desiredState([]));
    expect(plan.standing).toEqual([]);
  });
});
