// What goes with every transition of an initial copy, in its transaction: the line in the audit log, the state of the
// node, the NOTIFY; and after it, the events.

import type { InitState } from '../../model/copy/init-state.ts';
import type { EmitEvent, InitSubject } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { InitMethod } from '../../model/state/state.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export interface Transition {
  readonly node: NodeName;
  readonly source: NodeName | null;
  readonly subscription: string;
  readonly from: InitState | null;
  readonly to: InitState;
  readonly runId: string;
}

/**
 * Until the end of the transaction: the state of a node is that of all its subscriptions, one change at a time. Taken
 * before any row of a subscription is written, or two runs, one of which has lost its lock, wait for each other.
 */
export const lockNodeRow = async (session: Session, node: NodeName): Promise<void> => {
  await session.query(
    sql`SELECT n.node_id FROM steep_repl.nodes AS n WHERE n.node_id = ${node} FOR UPDATE`,
  );
};

/** A node is as far as the worst of its subscriptions. */
export const followSubscriptions = async (session: Session, node: NodeName): Promise<void> => {
  await session.query(sql`SELECT steep_repl.refresh_node_state(${node})`);
};

export const announce = async (
  session: Session,
  { node, source, subscription, from, to, runId }: Transition,
  error: string | null = null,
): Promise<void> => {
  await followSubscriptions(session, node);
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject, from_state, to_state, detail)
    VALUES (${runId}, 'init.state_change', ${subscription}, ${from}, ${to},
            CASE WHEN ${error}::text IS NOT NULL THEN pg_catalog.jsonb_build_object('error', ${error}::text) END)`);
  const payload = JSON.stringify({
    event: 'init.state_change',
    run_id: runId,
    node_id: node,
    source_node: source,
    subscription,
    from_state: from,
    to_state: to,
  });
  await session.query(sql`SELECT pg_catalog.pg_notify('steep_repl_progress', ${payload})`);
};

export interface ToldTransition extends Transition {
  readonly method: InitMethod;
  readonly error: string | null;
  /** Since the initial copy began. */
  readonly durationMs: number;
}

/** The change of state, and the milestone that it is. */
export const emitTransition = (emit: EmitEvent, transition: ToldTransition): void => {
  const { node, source, subscription, from, to } = transition;
  const subject = { node_id: node, source_node: source, subscription };
  const level = to === 'failed' || to === 'diverged' ? 'error' : 'info';
  emit({ event: 'init.state_change', ...subject, from_state: from, to_state: to }, level);
  milestones[to]?.(emit, subject, transition);
};

type Milestone = (emit: EmitEvent, subject: InitSubject, transition: ToldTransition) => void;

const started: Milestone = (emit, subject, { method }) =>
  emit({ event: 'init.started', ...subject, method });

const milestones: Readonly<Partial<Record<InitState, Milestone>>> = {
  preparing: started,
  reinitializing: started,
  synchronized: (emit, subject, { durationMs }) =>
    emit({ event: 'init.completed', ...subject, duration_ms: durationMs }),
  failed: (emit, subject, { error }) =>
    emit({ event: 'init.failed', ...subject, error: error ?? '' }, 'error'),
  uninitialized: (emit, subject, { from }) => {
    if (from !== null) emit({ event: 'init.cancelled', ...subject }, 'warn');
  },
};
