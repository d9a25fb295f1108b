// The owner of a schema gives its name to another one, with tables of the same names and triggers, when a session of steep is
// about to send a certain statement.

import type { Conninfo } from '../../../../src/model/connection/conninfo.ts';
import { onTestFinished } from '../../../support/servers/clean-up.ts';
import type { TestDatabase } from '../../../support/servers/cluster.ts';
import { waitFor } from '../../../support/servers/wait.ts';
import { startProxy } from '../../../support/statement-proxy/start-proxy.ts';

export const swap = (
  schema: string,
  table: string,
  on = 'BEFORE INSERT OR UPDATE OR DELETE',
  call = "evil.fire('swapped')",
): string => `
  BEGIN;
  ALTER SCHEMA ${schema} RENAME TO renamed;
  CREATE SCHEMA ${schema};
  CREATE TABLE ${schema}.${table} (LIKE renamed.${table} INCLUDING ALL);
  CREATE TRIGGER swapped ${on} ON ${schema}.${table} ${/TRUNCATE/.test(on) ? '' : 'FOR EACH ROW'} EXECUTE FUNCTION ${call};
  ALTER TABLE ${schema}.${table} ENABLE ALWAYS TRIGGER swapped;
  COMMIT`;

export interface Attacker {
  readonly database: TestDatabase;
  readonly role: string;
  readonly attack: string;
}

/** The server through a proxy: before the first statement that matches, the owner attacks. Its state: `done`, `waits`, or the error. */
export const attackedAt = async (
  target: TestDatabase,
  at: RegExp,
  { database, role, attack }: Attacker,
): Promise<{ readonly conninfo: Conninfo; readonly state: () => string | null }> => {
  let state: string | null = null;
  const proxy = await startProxy({
    node: '',
    port: Number(target.conninfo.get('port')),
    onPassing: async ({ side, text }) => {
      if (side !== 'before' || state !== null || !at.test(text)) return;
      state = 'attacks';
      void database.query(attack).then(
        () => {
          if (state === 'attacks') state = 'done';
        },
        (error: Error) => {
          if (state === 'attacks') state = error.message;
        },
      );
      await waitFor('the attack is over, or waits', async () => {
        if (state !== 'attacks') return true;
        const waiting = await target.query(
          `SELECT FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock' AND datname = current_database()`,
          [role],
        );
        if (waiting.length > 0) state = 'waits';
        return waiting.length > 0;
      });
    },
  });
  onTestFinished(() => proxy.close());
  const conninfo = target.conninfo.with({ host: '127.0.0.1', port: String(proxy.port) });
  return { conninfo, state: () => state };
};

/** The attack is over. */
export const renamed = (target: TestDatabase): Promise<unknown> =>
  waitFor(
    'the schema to be renamed',
    async () =>
      (await target.query(`SELECT FROM pg_namespace WHERE nspname = 'renamed'`)).length > 0,
  );
