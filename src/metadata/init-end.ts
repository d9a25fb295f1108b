// What becomes of the state and the progress of a first copy when its subscription goes or gets another name.
// Each runs in the transaction that changes the subscription.

import type { NodeName } from '../model/address.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';
import { followSubscriptions, lockNode } from './init-transition.ts';

export interface InitEnding {
  readonly node: NodeName;
  readonly subscription: string;
  readonly runId: string;
}

const forget = async (session: Session, node: NodeName, subscription: string): Promise<void> => {
  await session.query(sql`
    DELETE FROM steep_repl.subscriptions_init WHERE node_id = ${node} AND subscription = ${subscription}`);
  await session.query(sql`
    DELETE FROM steep_repl.init_progress WHERE node_id = ${node} AND subscription = ${subscription}`);
};

/** The subscription is gone, and so is its state. */
export const endInit = async (
  session: Session,
  { node, subscription, runId }: InitEnding,
): Promise<void> => {
  await lockNode(session, node);
  await forget(session, node, subscription);
  await followSubscriptions(session, node);
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject)
    VALUES (${runId}, 'init.ended', ${subscription})`);
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
  await lockNode(session, node);
  await forget(session, node, to);
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init SET subscription = ${to} WHERE node_id = ${node} AND subscription = ${from}`);
  await session.query(sql`
    UPDATE steep_repl.init_progress SET subscription = ${to} WHERE node_id = ${node} AND subscription = ${from}`);
  await followSubscriptions(session, node);
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject, detail)
    VALUES (${runId}, 'init.renamed', ${to}, pg_catalog.jsonb_build_object('renamed_from', ${from}::text))`);
};
