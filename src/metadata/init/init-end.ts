// What becomes of the state and the progress of an initial copy when its subscription goes or gets another name. Each
// runs in the transaction that changes the subscription.

import { canTransition } from '../../model/copy/init-state.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { auditLine } from '../audit.ts';
import { type InitOf, moveInitWithin, readInit } from './init-state.ts';
import { followSubscriptions, lockNodeRow } from './init-transition.ts';

export interface InitEnding {
  readonly node: NodeName;
  readonly subscription: string;
  readonly runId: string;
}

const forget = async (session: Session, node: NodeName, subscription: string): Promise<void> => {
  await session.query(sql`
    DELETE FROM steep_repl.subscriptions_init WHERE node_id = ${node} AND subscription = ${subscription}`);
  await forgetProgress(session, node, subscription);
};

const forgetProgress = async (
  session: Session,
  node: NodeName,
  subscription: string,
): Promise<void> => {
  await session.query(sql`
    DELETE FROM steep_repl.init_progress WHERE node_id = ${node} AND subscription = ${subscription}`);
};

/** The subscription is gone, and so is its state. */
export const endInit = async (
  session: Session,
  { node, subscription, runId }: InitEnding,
): Promise<void> => {
  await lockNodeRow(session, node);
  await forget(session, node, subscription);
  await followSubscriptions(session, node);
  await session.query(auditLine({ runId, event: 'init.ended', subject: subscription }));
};

/** The subscription is gone, and its initial copy was given up: what there was of it is not counted on. */
export const endCancelledInit = async (session: Session, init: InitOf): Promise<void> => {
  const row = await readInit(session, init);
  if (row === null || !canTransition(row.state, 'uninitialized')) {
    await endInit(session, init);
    return;
  }
  await moveInitWithin(session, { ...init, to: 'uninitialized' });
  // What was asked for is done: it must not end the next copy too.
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init SET publications_digest = NULL, cancel_requested_at = NULL
     WHERE node_id = ${init.node} AND subscription = ${init.subscription}`);
  await session.query(sql`
    UPDATE steep_repl.init_progress SET phase = 'cancelled', tables = '[]', updated_at = pg_catalog.clock_timestamp()
     WHERE node_id = ${init.node} AND subscription = ${init.subscription}`);
};

/** The subscription is gone, and comes back with a new initial copy. */
export const endForReinit = async (session: Session, init: InitOf): Promise<void> => {
  const row = await readInit(session, init);
  if (row === null || !canTransition(row.state, 'reinitializing')) {
    await endInit(session, init);
    return;
  }
  await moveInitWithin(session, { ...init, to: 'reinitializing' });
  await forgetProgress(session, init.node, init.subscription);
};

export interface InitRenaming {
  readonly node: NodeName;
  readonly from: string;
  readonly to: string;
  readonly runId: string;
}

/** The subscription has another name, and is as far as it was. */
export const renameInit = async (
  session: Session,
  { node, from, to, runId }: InitRenaming,
): Promise<void> => {
  await lockNodeRow(session, node);
  await forget(session, node, to);
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init SET subscription = ${to} WHERE node_id = ${node} AND subscription = ${from}`);
  await session.query(sql`
    UPDATE steep_repl.init_progress SET subscription = ${to} WHERE node_id = ${node} AND subscription = ${from}`);
  await followSubscriptions(session, node);
  await session.query(
    auditLine({ runId, event: 'init.renamed', subject: to, detail: { renamed_from: from } }),
  );
};
