// The state of each subscription's first copy. A transition is a compare-and-set, with its line in the
// audit log and its NOTIFY in one transaction; one that the model does not have is refused here.

import type { NodeName } from '../model/address.ts';
import type { EmitEvent } from '../model/event.ts';
import { canTransition, type InitState } from '../model/init-state.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';

export interface InitStart {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
  readonly method: 'parallel' | 'native' | 'none';
  readonly slot: string;
  /** Where it stands when this is over: nothing is copied yet, or it is. */
  readonly state: 'preparing' | 'copying';
  readonly runId: string;
  readonly emit: EmitEvent;
}

interface Transition {
  readonly node: NodeName;
  readonly source: NodeName | null;
  readonly subscription: string;
  readonly from: InitState | null;
  readonly to: InitState;
  readonly runId: string;
}

const announce = async (session: Session, transition: Transition): Promise<void> => {
  const { node, source, subscription, from, to, runId } = transition;
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject, from_state, to_state)
    VALUES (${runId}, 'init.state_change', ${subscription}, ${from}, ${to})`);
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

const emitChange = (emit: EmitEvent, transition: Transition): void => {
  const { node, source, subscription, from, to } = transition;
  emit({
    event: 'init.state_change',
    node_id: node,
    source_node: source,
    subscription,
    from_state: from,
    to_state: to,
  });
};

/** A new subscription: preparing, then copying. Runs in the caller's transaction. */
export const startInit = async (session: Session, start: InitStart): Promise<void> => {
  const { node, source, subscription, runId } = start;
  await session.query(sql`
    INSERT INTO steep_repl.subscriptions_init (subscription, source_node, method, state, slot_name, run_id)
    VALUES (${subscription}, ${source}, ${start.method}, ${start.state}, ${start.slot}, ${runId})
    ON CONFLICT (subscription) DO UPDATE
       SET source_node = EXCLUDED.source_node, method = EXCLUDED.method, state = EXCLUDED.state,
           slot_name = EXCLUDED.slot_name, run_id = EXCLUDED.run_id, error = NULL,
           publications_digest = NULL, cancel_requested_at = NULL, consistent_lsn = NULL,
           started_at = pg_catalog.now(), updated_at = pg_catalog.now(), completed_at = NULL`);
  const steps: readonly (readonly [InitState | null, InitState])[] = [
    [null, 'uninitialized'],
    ['uninitialized', 'preparing'],
    ...(start.state === 'copying' ? ([['preparing', 'copying']] as const) : []),
  ];
  for (const [from, to] of steps) {
    const transition = { node, source, subscription, from, to, runId };
    await announce(session, transition);
    emitChange(start.emit, transition);
  }
};

/** The subscription is gone, and so is its state. */
export const endInit = async (
  session: Session,
  subscription: string,
  runId: string,
): Promise<void> => {
  await session.query(
    sql`DELETE FROM steep_repl.subscriptions_init WHERE subscription = ${subscription}`,
  );
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject)
    VALUES (${runId}, 'init.ended', ${subscription})`);
};

/** The subscription has another name, and is as far as it was. */
export const renameInit = async (
  session: Session,
  { from, to, runId }: { readonly from: string; readonly to: string; readonly runId: string },
): Promise<void> => {
  await session.query(sql`DELETE FROM steep_repl.subscriptions_init WHERE subscription = ${to}`);
  await session.query(
    sql`UPDATE steep_repl.subscriptions_init SET subscription = ${to} WHERE subscription = ${from}`,
  );
  await session.query(sql`
    INSERT INTO steep_repl.audit_log (run_id, event, subject, detail)
    VALUES (${runId}, 'init.renamed', ${to}, pg_catalog.jsonb_build_object('renamed_from', ${from}::text))`);
};

interface StateRow {
  readonly state: InitState;
  readonly source: string | null;
}

const readState = async (session: Session, subscription: string): Promise<StateRow | null> => {
  const [row] = await session.query<StateRow>(sql`
    SELECT i.state, i.source_node AS source FROM steep_repl.subscriptions_init AS i
     WHERE i.subscription = ${subscription}`);
  return row ?? null;
};

export interface InitMove {
  readonly node: NodeName;
  readonly subscription: string;
  readonly to: InitState;
  /** Why it failed, without secrets. */
  readonly error?: string;
  readonly runId: string;
  readonly emit: EmitEvent;
}

/**
 * Moves a subscription on to a state where the model allows it; a state that it has already, or that
 * does not follow, changes nothing: a run that is repeated says the same again.
 * @returns whether it moved.
 */
export const moveInit = (session: Session, move: InitMove): Promise<boolean> =>
  session.transaction({}, () => moveInitWithin(session, move));

/** The same, in a transaction that the caller has begun. */
export const moveInitWithin = async (session: Session, move: InitMove): Promise<boolean> => {
  const row = await readState(session, move.subscription);
  if (row === null || row.state === move.to || !canTransition(row.state, move.to)) return false;
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init
       SET state = ${move.to}, error = ${move.error ?? null}, updated_at = pg_catalog.now(),
           completed_at = CASE WHEN ${move.to} = 'synchronized' THEN pg_catalog.now() ELSE completed_at END
     WHERE subscription = ${move.subscription} AND state = ${row.state}`);
  const transition = { ...move, from: row.state, source: row.source };
  await announce(session, transition);
  emitChange(move.emit, transition);
  return true;
};
