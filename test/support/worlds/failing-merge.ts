// Merges during which something happens to a server at a statement that a test chooses.

import { expect } from 'vitest';
import type { CliResult } from '../cli.ts';
import { onTestFinished } from '../servers/clean-up.ts';
import type { TestDatabase } from '../servers/cluster.ts';
import { urlOf } from '../servers/test-database.ts';
import { startProxy } from '../statement-proxy/start-proxy.ts';
import { consentTo, type MergeWorld } from './merge.ts';

/** Applies through proxies. A statement is sent when `before` has ended for it. */
export const applyDuring = async (
  { us, eu, name, project }: MergeWorld,
  before: (statement: string) => Promise<void>,
): Promise<CliResult> => {
  const through = async ({ conninfo }: TestDatabase): Promise<string> => {
    const proxy = await startProxy({
      node: '',
      port: Number(conninfo.get('port')),
      onPassing: async ({ side, text }) => {
        if (side === 'before') await before(text);
      },
    });
    onTestFinished(() => proxy.close());
    return urlOf(conninfo.with({ host: '127.0.0.1', port: String(proxy.port) }));
  };
  const urls = { us: await through(us), eu: await through(eu) };
  return project.with(urls).start('apply', '--auto-approve', ...consentTo(name)).result;
};

/** At the first statement that is asked for. */
export const once = (at: (statement: string) => boolean, body: () => Promise<unknown>) => {
  let done = false;
  return async (statement: string): Promise<void> => {
    if (done || !at(statement)) return;
    done = true;
    await body();
  };
};

/** The same command again. */
export const finishMerge = async ({ name, project }: MergeWorld): Promise<CliResult> => {
  const wait = ['--auto-approve', '--wait-for-lock', '60s'];
  const again = await project.steep('apply', ...wait, ...consentTo(name));
  expect(again.code, again.stdout + again.stderr).toBe(0);
  return again;
};

/** On each node its subscription's slot; no origin of the merge, and no prepared transaction. */
export const expectOnlyThePair = async ({ us, eu, project }: MergeWorld): Promise<void> => {
  for (const node of [us, eu]) {
    expect(await node.query('SELECT gid FROM pg_prepared_xacts')).toEqual([]);
    const slots = 'SELECT FROM pg_replication_slots WHERE database = current_database()';
    expect(await node.query(slots)).toHaveLength(1);
    const origins = `SELECT o.roname FROM pg_replication_origin AS o
      JOIN pg_database AS d ON d.datname = current_database() AND o.roname = 'steep_repair_' || d.oid`;
    expect(await node.query(origins)).toEqual([]);
    const last = 'SELECT state FROM steep_repl.merge_runs ORDER BY started_at DESC LIMIT 1';
    expect(await node.query(last)).toEqual([{ state: 'completed' }]);
  }
  const planned = await project.steep('plan', '--detailed-exitcode');
  expect(planned.code, planned.stdout + planned.stderr).toBe(0);
};

/** The keys of orders of this node that lost, by whatever run. */
export const lostOrders = async (node: TestDatabase): Promise<readonly number[]> => {
  const rows = await node.query<{ readonly id: number }>(
    `SELECT (key->>'id')::int AS id FROM steep_repl.merge_audit_log
      WHERE table_name = 'public.orders' ORDER BY 1`,
  );
  return rows.map(({ id }) => id);
};
