// steep_repl from psql: publications, subscriptions, slots, origins and nodes, with the rights of whoever calls.

import { describe, expect, test } from 'vitest';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { remember } from '../catalog/metadata.ts';
import { refusal, stage, value } from './sql-functions-world.ts';

describe.each(endsByDay(majors))('PostgreSQL %i', (major) => {
  test('publications', async () => {
    const { publisher: database } = await stage(major);
    expect(await value(database, `create_publication('Sales', ARRAY['public.orders'])`)).toBe(
      'Sales',
    );
    const add = `add_publication_tables('Sales', ARRAY['public.orders', 'public."Odd, name"'])`;
    expect([await value(database, add), await value(database, add)]).toEqual([1, 0]);
    expect(await database.query('SELECT * FROM steep_repl.list_publications()')).toEqual([
      {
        publication: 'Sales',
        owner: 'postgres',
        all_tables: false,
        operations: ['insert', 'update', 'delete', 'truncate'],
        via_partition_root: false,
        tables: ['public."Odd, name"', 'public.orders'],
      },
    ]);
    const remove = `remove_publication_tables('Sales', ARRAY['public.orders'])`;
    expect([await value(database, remove), await value(database, remove)]).toEqual([1, 0]);
    expect(await refusal(database, `create_publication('none', '{}')`)).toMatchObject({
      code: '22023',
    });
    // Without a schema a name means nothing here.
    expect(await refusal(database, `create_publication('x', ARRAY['orders'])`)).toMatchObject({
      code: '42P01',
    });
    expect(
      await refusal(database, `create_publication('x', ARRAY['public.orders; DROP TABLE x'])`),
    ).toMatchObject({ code: '42602' });
    expect([
      await value(database, `drop_publication('Sales')`),
      await value(database, `drop_publication('Sales')`),
    ]).toEqual([true, false]);
  });

  test('slots are created while another session creates and drops tables', async () => {
    const { publisher, subscriber } = await stage(major);
    const slot = `busy_${publisher.name}`;
    let stopped = false;
    const busy = (async () => {
      while (!stopped) {
        await subscriber.query(
          'BEGIN; CREATE TABLE short_lived (id int); INSERT INTO short_lived VALUES (1); COMMIT; DROP TABLE short_lived',
        );
      }
    })();
    try {
      for (let count = 0; count < 40; count += 1) {
        await publisher.query(`SELECT * FROM steep_repl.create_replication_slot('${slot}')`);
        expect(await value(publisher, `drop_replication_slot('${slot}')`)).toBe(true);
      }
    } finally {
      stopped = true;
      await busy;
    }
  });

  test('a slot, a subscription on it, rows that arrive, and both dropped', async () => {
    const { publisher, subscriber } = await stage(major);
    const slot = `functions_${publisher.name}`;
    await publisher.query('INSERT INTO public.orders VALUES (1)');
    await value(publisher, `create_publication('sales', ARRAY['public.orders'])`);
    const [made] = await publisher.query<{ readonly lsn: string }>(
      `SELECT * FROM steep_repl.create_replication_slot('${slot}')`,
    );
    expect(made).toEqual({ slot_name: slot, lsn: expect.stringMatching(/^\d+\/[\dA-F]+$/) });
    expect(
      await refusal(subscriber, `create_subscription('feed', 'dbname=x', 'sales')`),
    ).toMatchObject({
      code: '25001',
      hint: expect.stringContaining('CREATE SUBSCRIPTION feed'),
    });
    expect(
      await value(subscriber, `create_subscription('feed', $1, 'sales', $2)`, [
        publisher.conninfo.text,
        slot,
      ]),
    ).toBe('feed');
    expect(await subscriber.query('SELECT * FROM steep_repl.list_subscriptions()')).toEqual([
      { subscription: 'feed', owner: 'postgres', enabled: true, slot, publications: ['sales'] },
    ]);
    await waitFor('the table to be ready', async () => {
      const [row] = await subscriber.query<{
        readonly tables_ready: string;
        readonly tables: string;
      }>(
        `SELECT tables_ready, tables FROM steep_repl.subscription_status('feed') WHERE relation IS NULL`,
      );
      return row?.tables_ready === '1' && row.tables === '1';
    });
    await publisher.query('INSERT INTO public.orders VALUES (2)');
    await waitFor('the row to arrive', async () => {
      const rows = await subscriber.query('SELECT id FROM public.orders');
      return rows.length === 2;
    });
    expect(
      await publisher.query(
        `SELECT slot_name, plugin, active FROM steep_repl.list_replication_slots()
          WHERE slot_name = '${slot}'`,
      ),
    ).toEqual([{ slot_name: slot, plugin: 'pgoutput', active: true }]);
    expect(await value(subscriber, `disable_subscription('feed')`)).toBe(true);
    expect(await value(subscriber, `disable_subscription('other')`)).toBe(false);
    await waitFor('the slot to be free', async () => {
      const rows = await publisher.query(
        `SELECT FROM steep_repl.list_replication_slots() WHERE slot_name = '${slot}' AND NOT active`,
      );
      return rows.length === 1;
    });
    await publisher.query(
      `SELECT pg_catalog.pg_logical_emit_message(true, 'test', repeat('x', 9000))`,
    );
    const [lag] = await publisher.query<{
      readonly lag_bytes: string;
      readonly kept_bytes: string;
    }>(`SELECT * FROM steep_repl.slot_lag('${slot}')`);
    expect(Number(lag?.lag_bytes)).toBeGreaterThan(9000);
    expect(Number(lag?.kept_bytes)).toBeGreaterThanOrEqual(Number(lag?.lag_bytes));
    expect(await refusal(subscriber, `refresh_subscription('feed', false)`)).toMatchObject({
      code: '25001',
      hint: 'From a shell: steep replication sub refresh feed --no-copy-data. Or send it as a statement of its own: ALTER SUBSCRIPTION feed REFRESH PUBLICATION WITH (copy_data = false)',
    });
    expect(await refusal(subscriber, `drop_subscription('feed')`)).toMatchObject({
      code: '25001',
      hint: 'From a shell: steep replication sub drop feed. Or send it as a statement of its own: DROP SUBSCRIPTION feed',
    });
    await remember(subscriber, 'b/subscription.feed', { enabled: true }, true);
    await subscriber.query('ALTER SUBSCRIPTION feed SET (slot_name = NONE)');
    expect(await refusal(subscriber, `drop_subscription('feed')`)).toMatchObject({
      code: '55000',
      message: 'subscription "feed" is protected',
    });
    await subscriber.query('UPDATE steep_repl.objects SET protect = false');
    expect([
      await value(subscriber, `drop_subscription('feed')`),
      await value(subscriber, `drop_subscription('feed')`),
      await value(subscriber, `enable_subscription('feed')`),
    ]).toEqual([true, false, false]);
    expect([
      await value(publisher, `drop_replication_slot('${slot}')`),
      await value(publisher, `drop_replication_slot('${slot}')`),
    ]).toEqual([true, false]);
  });

  test('origins move forward only, and never under a subscription', async () => {
    const { publisher, subscriber } = await stage(major);
    const name = `functions_${subscriber.name}`;
    expect(Number(await value(subscriber, `create_replication_origin('${name}')`))).toBeGreaterThan(
      0,
    );
    expect(await value(subscriber, `advance_origin('${name}', '0/20')`)).toBe(true);
    expect(
      await subscriber.query(
        `SELECT subscription, remote_lsn FROM steep_repl.list_replication_origins() WHERE roname = '${name}'`,
      ),
    ).toEqual([{ subscription: null, remote_lsn: '0/20' }]);
    expect(await refusal(subscriber, `advance_origin('${name}', '0/10')`)).toMatchObject({
      code: '55000',
    });
    expect([
      await value(subscriber, `drop_replication_origin('${name}')`),
      await value(subscriber, `drop_replication_origin('${name}')`),
      await value(subscriber, `advance_origin('${name}', '0/30')`),
    ]).toEqual([true, false, false]);
    const slot = `origins_${publisher.name}`;
    await value(publisher, `create_publication('sales', ARRAY['public.orders'])`);
    await publisher.query(`SELECT * FROM steep_repl.create_replication_slot('${slot}')`);
    await value(subscriber, `create_subscription('feed', $1, 'sales', $2, false, false)`, [
      publisher.conninfo.text,
      slot,
    ]);
    const [origin] = await subscriber.query<{ readonly roname: string }>(
      `SELECT roname FROM steep_repl.list_replication_origins() WHERE subscription = 'feed'
        AND roname = 'pg_' || (SELECT oid FROM pg_subscription WHERE subname = 'feed'
          AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
    );
    for (const call of ['drop_replication_origin', 'advance_origin']) {
      const position = call === 'advance_origin' ? `, '0/1'` : '';
      expect(await refusal(subscriber, `${call}('${origin?.roname}'${position})`)).toMatchObject({
        code: '55006',
      });
    }
  });

  test('nodes: who is there, and when it was seen', async () => {
    const { publisher: database } = await stage(major);
    await database.query(`SELECT steep_repl.register_node('b', 'b', 'db.example', 5433, 40);
      SELECT steep_repl.register_node('a', 'a')`);
    await database.query(
      `UPDATE steep_repl.nodes SET last_seen = now() - interval '31 s' WHERE node_id = 'b'`,
    );
    const read = () =>
      database.query(
        'SELECT node_id, host, port, priority, is_healthy FROM steep_repl.node_status()',
      );
    const a = { node_id: 'a', host: null, port: null, priority: 50, is_healthy: true };
    const b = { node_id: 'b', host: 'db.example', port: 5433, priority: 40 };
    expect(await read()).toEqual([a, { ...b, is_healthy: false }]);
    expect(await value(database, `heartbeat('b')`)).toBe(true);
    expect(await read()).toEqual([a, { ...b, is_healthy: true }]);
  });
});
