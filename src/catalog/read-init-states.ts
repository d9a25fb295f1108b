// The state of each subscription's first copy, as steep_repl of its node has it.

import type { InitState } from '../model/init-state.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';

interface StateRow {
  readonly subscription: string;
  readonly state: InitState;
}

/** By subscription; empty where steep_repl is not installed. */
export const readInitStates = async (session: Session): Promise<ReadonlyMap<string, InitState>> => {
  const [installed] = await session.query<{ readonly there: boolean }>(sql`
    SELECT pg_catalog.to_regclass('steep_repl.subscriptions_init') IS NOT NULL AS there`);
  if (installed?.there !== true) return new Map();
  const rows = await session.query<StateRow>(sql`
    SELECT i.subscription, i.state FROM steep_repl.subscriptions_init AS i ORDER BY i.subscription`);
  return new Map(rows.map(({ subscription, state }) => [subscription, state]));
};
