// Rights that the role that applies lacks for the steps of a plan: a block, with the statements that give them.

import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../../../src/model/plan/plan.ts';
import type { RoleFacts } from '../../../../../src/model/state/server.ts';
import type { Table } from '../../../../../src/model/state/table.ts';
import { edge, found, planned, sentences, type World } from '../../../../support/plans/one-edge.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  resource,
  server,
  superuser,
  table,
  wantPublication,
} from '../../../../support/worlds/worlds.ts';

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

  const parallel = {
    ...edge,
    subscriptions: edge.subscriptions.map((sub) => ({ ...sub, init: 'parallel' as const })),
  };

  test('tables with triggers or foreign keys are filled only by a role that may switch them off', () => {
    const filled = (role: Partial<RoleFacts>, checked: boolean, versionNumber = 180004): Plan =>
      planOf(
        parallel,
        liveState(
          nodeState('a', { tables: [table('orders')] }),
          nodeState('b', {
            server: server({ versionNumber, role: { ...superuser, superuser: false, ...role } }),
            tables: [table('orders', { checked })],
          }),
        ),
      );
    expect(grants(filled({}, true))).toEqual([]);
    expect(grants(filled({ sessionReplicationRole: false }, false))).toEqual([]);
    const refused = filled({ sessionReplicationRole: false }, true);
    expect(grants(refused)).toEqual([
      'GRANT SET ON PARAMETER session_replication_role TO postgres;',
    ]);
    expect(sentences(refused, 'PRIVILEGE')).toEqual([
      'Role postgres on node b lacks rights for setting session_replication_role.',
    ]);
  });

  test('an empty table that TRUNCATE only names wants TRUNCATE and SELECT, and no owner', () => {
    const role = { ...superuser, name: 'dba', superuser: false };
    const named = (notes: Partial<Table>): readonly string[] =>
      grants(
        planOf(
          parallel,
          liveState(
            nodeState('a', { tables: [table('orders')] }),
            nodeState('b', {
              server: server({ role }),
              tables: [
                table('orders', { hasRows: true }),
                table('notes', { hasRows: false, ownedByRole: false, settable: false, ...notes }),
              ],
              references: [
                {
                  table: table('notes').name,
                  to: table('orders').name,
                  foreignKey: 'checks',
                  constraints: [],
                },
              ],
            }),
          ),
          { prune: false, force: true },
        ),
      );
    expect(named({})).toEqual([]);
    expect(named({ truncatable: false, readable: false })).toEqual([
      'GRANT TRUNCATE ON public.notes TO dba;',
      'GRANT SELECT ON public.notes TO dba;',
    ]);
  });

  test('what steep copies, its own role reads on the source, in a schema that it may use', () => {
    const role = { ...superuser, name: 'dba', superuser: false };
    const read = (orders: Partial<Table>): readonly string[] =>
      grants(
        planOf(
          parallel,
          liveState(
            nodeState('a', {
              server: server({ role }),
              tables: [table('orders', { ownedByRole: false, ...orders })],
              resources: [resource('publication', 'a', 'p', published)],
            }),
            nodeState('b', { tables: [table('orders')] }),
          ),
        ),
      );
    const published = {
      allTables: false,
      tables: [{ table: { schema: 'public', name: 'orders' }, columns: null, where: null }],
      schemas: [],
      publish: ['insert', 'update', 'delete', 'truncate'],
      viaPartitionRoot: false,
      generatedColumns: 'none',
    } as const;
    expect(read({})).toEqual([]);
    expect(read({ readable: false, reachable: false })).toEqual([
      'GRANT USAGE ON SCHEMA public TO dba;',
      'GRANT SELECT ON public.orders TO dba;',
    ]);
    expect(read({ rowSecurity: 'enabled', rowsHidden: true })).toEqual([
      'ALTER ROLE dba BYPASSRLS;',
    ]);
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
