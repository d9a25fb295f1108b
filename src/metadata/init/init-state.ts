// The state of each subscription's initial copy. A transition is a compare-and-set in one transaction with its line in
// the audit log, its NOTIFY and the state of the node; one that the picture does not have is an error.

import {
  canTransition,
  type InitState,
  initialTransitions,
  isInitializing,
} from '../../model/copy/init-state.ts';
import { SteepError } from '../../model/errors.ts';
import type { EmitEvent } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { InitMethod } from '../../model/state/state.ts';
import { scrub } from '../../postgres/scrub.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { announce, emitTransition, lockNodeRow, type ToldTransition } from './init-transition.ts';

/** Which initial copy, of which run, and who hears of it. */
export interface InitOf {
  readonly node: NodeName;
  readonly subscription: string;
  readonly runId: string;
  readonly emit: EmitEvent;
}

export interface InitStart extends InitOf {
  readonly source: NodeName;
  readonly method: InitMethod;
  readonly slot: string;
  /** The position of the copy in the WAL of the source; null: not known. */
  readonly consistentLsn?: string | null;
  /** `copying` unless told: a copy that steep makes is prepared first, one that is made again as `reinitializing`. */
  readonly until?: 'preparing' | 'copying';
}

/** A new initial copy, whatever became of the last one. Runs in the transaction of its caller. */
export const startInit = async (session: Session, start: InitStart): Promise<void> => {
  const { node, subscription, source, method, until = 'copying', runId } = start;
  await lockNodeRow(session, node);
  const before = await readInit(session, start);
  const way = initialTransitions(before?.state ?? null, until);
  const state = way.at(-1) ?? before?.state ?? until;
  await session.query(sql`
    INSERT INTO steep_repl.subscriptions_init AS i
           (node_id, subscription, source_node, method, state, slot_name, consistent_lsn, run_id)
    VALUES (${node}, ${subscription}, ${source}, ${method}, ${state}, ${start.slot},
            ${start.consistentLsn ?? null}::pg_catalog.pg_lsn, ${runId})
    ON CONFLICT (node_id, subscription) DO UPDATE
       SET source_node = EXCLUDED.source_node, method = EXCLUDED.method, state = EXCLUDED.state,
           slot_name = EXCLUDED.slot_name, run_id = EXCLUDED.run_id, error = NULL,
           consistent_lsn = CASE WHEN i.state = EXCLUDED.state THEN COALESCE(EXCLUDED.consistent_lsn, i.consistent_lsn)
                                 ELSE EXCLUDED.consistent_lsn END,
           started_at = CASE WHEN i.state = EXCLUDED.state THEN i.started_at ELSE pg_catalog.now() END,
           updated_at = pg_catalog.now(), completed_at = NULL`);
  let from = before?.state ?? null;
  for (const to of way) {
    const transition = { node, source, subscription, from, to, runId };
    await announce(session, transition);
    emitTransition(start.emit, { ...transition, method, error: null, durationMs: 0 });
    from = to;
  }
};

export interface InitMove extends InitOf {
  readonly to: InitState;
  /** Why it failed or diverged, with what to do. Passwords in it are cut. */
  readonly error?: string;
}

/**
 * Moves an initial copy on; a state that it has already stays, so that a run that is repeated says the same again.
 * @returns whether it moved.
 * @throws SteepError INIT_TRANSITION where the picture of the states has no such transition.
 */
export const moveInit = async (session: Session, move: InitMove): Promise<boolean> => {
  const moved = await session.transaction({}, () => transit(session, move));
  // Events are told when it is committed.
  if (moved !== null) emitTransition(move.emit, moved);
  return moved !== null;
};

/** The same, in a transaction that the caller has begun. */
export const moveInitWithin = async (session: Session, move: InitMove): Promise<void> => {
  const moved = await transit(session, move);
  if (moved !== null) emitTransition(move.emit, moved);
};

/** The initial copy cannot continue; `error` says why, and what to do. */
export const failInit = (
  session: Session,
  failure: InitOf & { readonly error: string },
): Promise<boolean> => moveInit(session, { ...failure, to: 'failed' });

/** The initial copy is given up: what it left is no longer counted on. */
export const cancelInit = (session: Session, init: InitOf): Promise<boolean> =>
  moveInit(session, { ...init, to: 'uninitialized' });

/** A subscription has missed changes: only a new copy helps. One whose copy is not over passes what it would have passed. */
export const divergeInit = (
  session: Session,
  { error, ...init }: InitOf & { readonly error: string },
): Promise<void> =>
  session.transaction({}, async () => {
    await lockNodeRow(session, init.node);
    for (const to of wayTo('synchronized', await readInit(session, init))) {
      await moveInitWithin(session, { ...init, to });
    }
    await moveInitWithin(session, { ...init, to: 'diverged', error });
  });

/** A new initial copy of what failed, diverged or was in step. */
export const reinit = (session: Session, init: InitOf): Promise<boolean> =>
  moveInit(session, { ...init, to: 'reinitializing' });

/** In the order in which a copy passes them. */
const forward: readonly InitState[] = ['copying', 'catching_up', 'synchronized'];

/**
 * What a run sees of a copy that PostgreSQL makes: moves it on, state by state. One that is not under way, or further
 * already, stays as it is; one that failed and continues again is no longer failed.
 */
export const advanceInit = async (
  session: Session,
  init: InitOf,
  to: 'copying' | 'catching_up' | 'synchronized',
): Promise<void> => {
  for (const next of wayTo(to, await readInit(session, init))) {
    await moveInit(session, { ...init, to: next });
  }
};

const wayTo = (to: InitState, row: InitRow | null): readonly InitState[] => {
  if (row === null || (row.state !== 'failed' && !isInitializing(row.state))) return [];
  const left = forward.slice(forward.indexOf(row.state) + 1, forward.indexOf(to) + 1);
  return row.state === 'failed' ? ['reinitializing', ...left] : left;
};

export interface InitRow {
  readonly state: InitState;
  readonly source: string | null;
  readonly method: InitMethod;
}

/** Null: nothing is known of an initial copy of this subscription. */
export const readInit = async (
  session: Session,
  { node, subscription }: Pick<InitOf, 'node' | 'subscription'>,
): Promise<InitRow | null> => {
  const [row] = await session.query<InitRow>(sql`
    SELECT i.state, i.source_node AS source, i.method FROM steep_repl.subscriptions_init AS i
     WHERE i.node_id = ${node} AND i.subscription = ${subscription}`);
  return row ?? null;
};

const refused = ({ node, subscription, to }: InitMove, from: string): SteepError =>
  new SteepError(
    'INIT_TRANSITION',
    `The initial copy of ${subscription} on node ${node} is in state ${from}, which cannot change to ${to}.`,
    { suggestions: ['steep status', 'steep explain INIT_TRANSITION'] },
  );

interface MovedRow {
  readonly durationMs: number;
}

const transit = async (session: Session, move: InitMove): Promise<ToldTransition | null> => {
  const { node, subscription, to, runId } = move;
  await lockNodeRow(session, node);
  const row = await readInit(session, move);
  if (row?.state === to) return null;
  if (row === null || !canTransition(row.state, to)) {
    throw refused(move, row?.state ?? 'not known');
  }
  const error = move.error === undefined ? null : scrub(move.error);
  const [moved] = await session.query<MovedRow>(sql`
    UPDATE steep_repl.subscriptions_init AS i
       SET state = ${to}, run_id = ${runId}, error = ${error}, updated_at = pg_catalog.now(),
           started_at = CASE WHEN ${to} IN ('preparing', 'reinitializing') THEN pg_catalog.now() ELSE i.started_at END,
           completed_at = CASE ${to} WHEN 'synchronized' THEN pg_catalog.now() WHEN 'diverged' THEN i.completed_at END
     WHERE i.node_id = ${node} AND i.subscription = ${subscription} AND i.state = ${row.state}
    RETURNING pg_catalog.ceil(1000 * EXTRACT(epoch FROM pg_catalog.now() - i.started_at))::int8 AS "durationMs"`);
  // Another session moved it in between.
  if (moved === undefined) throw refused(move, `no longer ${row.state}`);
  const transition = { node, source: row.source, subscription, from: row.state, to, runId };
  await announce(session, transition, error);
  return { ...transition, method: row.method, error, durationMs: moved.durationMs };
};
