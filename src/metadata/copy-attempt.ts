// A first copy by steep as it is remembered on the subscriber: who makes it from which slot, and its end, when
// the subscription follows. The ledger of its chunks is written by the copy itself.

import type { NodeName } from '../model/address.ts';
import type { EmitEvent } from '../model/event.ts';
import type { InitState } from '../model/init-state.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';
import { moveInitWithin, readInit, startInit } from './init-state.ts';

export interface CopyAttempt {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
  readonly slot: string;
  readonly publicationsDigest: string;
  readonly runId: string;
  readonly emit: EmitEvent;
}

/** Noted before the slot is made, so that a run that goes on after an interruption knows whose slot it is. */
export const noteAttempt = (session: Session, attempt: CopyAttempt): Promise<void> =>
  session.transaction({}, async () => {
    await startInit(session, { ...attempt, method: 'parallel', until: 'preparing' });
    await session.query(sql`
      UPDATE steep_repl.subscriptions_init
         SET publications_digest = ${attempt.publicationsDigest}, cancel_requested_at = NULL
       WHERE node_id = ${attempt.node} AND subscription = ${attempt.subscription}`);
  });

type Following = Omit<CopyAttempt, 'source' | 'publicationsDigest'>;

/** The snapshot is held, and the first rows come. */
export const beginCopying = (session: Session, copy: Following, lsn: string): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
      UPDATE steep_repl.subscriptions_init SET consistent_lsn = ${lsn}::pg_lsn
       WHERE node_id = ${copy.node} AND subscription = ${copy.subscription}`);
    await moveInitWithin(session, { ...copy, to: 'copying' });
  });

/**
 * The subscription takes over from the copy; the ledger has served. Runs in the transaction that creates it.
 * @returns false: steep copied nothing for it.
 */
export const followCopy = async (session: Session, copy: Following): Promise<boolean> => {
  const [row] = await session.query<{ readonly there: boolean }>(sql`
    SELECT EXISTS (SELECT FROM steep_repl.subscriptions_init AS i
                    WHERE i.node_id = ${copy.node} AND i.subscription = ${copy.subscription} AND i.slot_name = ${copy.slot}
                      AND i.method = 'parallel' AND i.publications_digest IS NOT NULL) AS there`);
  if (row?.there !== true) return false;
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init SET publications_digest = NULL, cancel_requested_at = NULL
     WHERE node_id = ${copy.node} AND subscription = ${copy.subscription}`);
  await session.query(
    sql`DELETE FROM steep_repl.copy_chunks WHERE subscription = ${copy.subscription}`,
  );
  const state = (await readInit(session, copy))?.state ?? 'copying';
  for (const to of wayToCatchUp[state] ?? []) await moveInitWithin(session, { ...copy, to });
  return true;
};

/** A copy that failed, and has been brought to its end, passes what it would have passed. */
const wayToCatchUp: Readonly<Partial<Record<InitState, readonly InitState[]>>> = {
  preparing: ['copying', 'catching_up'],
  copying: ['catching_up'],
  failed: ['reinitializing', 'copying', 'catching_up'],
  reinitializing: ['copying', 'catching_up'],
};

/** The copy is taken back, rows and slot: it is as if it had never been begun. */
export const forgetAttempt = (session: Session, copy: Omit<Following, 'slot'>): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(
      sql`DELETE FROM steep_repl.copy_chunks WHERE subscription = ${copy.subscription}`,
    );
    await session.query(sql`
      UPDATE steep_repl.subscriptions_init SET publications_digest = NULL, cancel_requested_at = NULL
       WHERE node_id = ${copy.node} AND subscription = ${copy.subscription}`);
    await moveInitWithin(session, { ...copy, to: 'uninitialized' });
  });
