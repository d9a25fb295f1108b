// An initial copy by steep as it is remembered on the subscriber: who makes it from which slot, and its end, when the
// subscription follows. The copy checkpoints of its chunks is written by the copy itself.

import type { InitState } from '../model/copy/init-state.ts';
import { SteepError } from '../model/errors.ts';
import type { EmitEvent } from '../model/event.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import type { Session } from '../postgres/session.ts';
import { type Sql, sql } from '../postgres/sql/sql.ts';
import { continueAttempt, forgetAttemptRow, recordAttempt } from './attempt-row.ts';
import { moveInitWithin, readInit, startInit } from './init/init-state.ts';
import { lockNodeRow } from './init/init-transition.ts';

export interface CopyAttempt {
  readonly node: NodeName;
  readonly subscription: string;
  readonly source: NodeName;
  readonly slot: string;
  readonly publicationsDigest: string;
  /** Under which copy_chunks has what is loaded of a snapshot on storage; null: steep copies from the source. */
  readonly checkpointsKey: string | null;
  readonly runId: string;
  readonly emit: EmitEvent;
}

/** Noted before the slot is made, so that a run that continues after an interruption knows whose slot it is. */
export const noteAttempt = (session: Session, attempt: CopyAttempt): Promise<void> =>
  session.transaction({}, () => noteWithin(session, attempt));

const noteWithin = async (session: Session, attempt: CopyAttempt): Promise<void> => {
  const method = attempt.checkpointsKey === null ? 'parallel' : 'two_phase';
  await startInit(session, { ...attempt, method, until: 'preparing' });
  await recordAttempt(session, attempt);
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init
       SET publications_digest = ${attempt.publicationsDigest}, ledger = ${attempt.checkpointsKey}, cancel_requested_at = NULL
     WHERE node_id = ${attempt.node} AND subscription = ${attempt.subscription}`);
};

type Following = Omit<CopyAttempt, 'source' | 'publicationsDigest' | 'checkpointsKey'>;

/** The snapshot is held, and the first rows come. */
export const beginCopying = (session: Session, copy: Following, lsn: string): Promise<void> =>
  session.transaction({}, async () => {
    await lockNodeRow(session, copy.node);
    await session.query(sql`
      UPDATE steep_repl.subscriptions_init SET consistent_lsn = ${lsn}::pg_lsn
       WHERE node_id = ${copy.node} AND subscription = ${copy.subscription}`);
    await moveInitWithin(session, { ...copy, to: 'copying' });
  });

/** A snapshot on storage is loaded, or continues to be: what a run has noted of it before stays. */
export const beginLoading = (session: Session, attempt: CopyAttempt, lsn: string): Promise<void> =>
  session.transaction({}, async () => {
    await lockNodeRow(session, attempt.node);
    const [row] = await session.query<{ readonly continues: boolean }>(sql`
      SELECT EXISTS (SELECT FROM steep_repl.subscriptions_init AS i
                      WHERE i.node_id = ${attempt.node} AND i.subscription = ${attempt.subscription}
                        AND i.slot_name = ${attempt.slot} AND i.ledger = ${attempt.checkpointsKey}) AS "continues"`);
    const state = (await readInit(session, attempt))?.state;
    if (row?.continues !== true) await noteWithin(session, attempt);
    else {
      await continueAttempt(session, attempt);
      if (state === 'failed') await moveInitWithin(session, { ...attempt, to: 'reinitializing' });
    }
    await session.query(sql`
      UPDATE steep_repl.subscriptions_init SET consistent_lsn = ${lsn}::pg_lsn, cancel_requested_at = NULL
       WHERE node_id = ${attempt.node} AND subscription = ${attempt.subscription}`);
    await moveInitWithin(session, { ...attempt, to: 'copying' });
  });

/**
 * A table that has joined the publications while the copy ran (a partition that was attached, a table that moved to a
 * published schema), or that PostgreSQL publishes beside another one (a child by INHERITS), would count as copied.
 * @throws SteepError COPY_PUBLICATION_CHANGED
 */
const assertAllCopied = async (
  session: Session,
  { node, subscription }: Following,
  checkpointsKey: string,
): Promise<void> => {
  const uncopied = await session.query<QualifiedName>(sql`
    SELECT n.nspname AS schema, c.relname AS name
      FROM pg_catalog.pg_subscription AS s
      JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
      JOIN pg_catalog.pg_subscription_rel AS r ON r.srsubid = s.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = r.srrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE s.subname = ${subscription}
       AND NOT EXISTS (SELECT FROM steep_repl.copy_chunks AS k
                        WHERE k.subscription = ${checkpointsKey} AND k.table_schema = n.nspname AND k.table_name = c.relname)
     ORDER BY 1, 2`);
  if (uncopied.length > 0) throw notCopied(node, subscription, uncopied);
};

const notCopied = (
  node: NodeName,
  subscription: string,
  tables: readonly QualifiedName[],
): SteepError =>
  new SteepError(
    'COPY_PUBLICATION_CHANGED',
    `Node ${node}: the publications of subscription ${subscription} send ${tables.map(formatName).join(', ')}, which were not copied: they were added after its snapshot, or inherit (INHERITS) from a table that it copied.`,
    { suggestions: ['Run the same command again: the plan copies the missing tables.'] },
  );

/** Under which the copy checkpoints have the rows of a copy that no subscription follows yet; null: there is none. */
export const readCheckpointsKey = async (
  session: Session,
  { node, subscription, slot }: Pick<Following, 'node' | 'subscription' | 'slot'>,
): Promise<{ readonly key: string; readonly checkpointsKey: string | null } | null> => {
  const [row] = await session.query<{ readonly checkpointsKey: string | null }>(sql`
    SELECT i.ledger AS "checkpointsKey" FROM steep_repl.subscriptions_init AS i
     WHERE i.node_id = ${node} AND i.subscription = ${subscription} AND i.slot_name = ${slot}
       AND i.publications_digest IS NOT NULL`);
  return row === undefined ? null : { ...row, key: row.checkpointsKey ?? subscription };
};

/**
 * The subscription takes over from the copy; the copy checkpoints are no longer needed. Runs in the transaction that
 * creates it.
 * @returns false: steep copied nothing for it.
 */
export const followCopy = async (session: Session, copy: Following): Promise<boolean> => {
  const row = await readCheckpointsKey(session, copy);
  if (row === null) return false;
  await lockNodeRow(session, copy.node);
  await assertAllCopied(session, copy, row.key);
  await forgetAttemptRow(session, copy.subscription);
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init SET publications_digest = NULL, ledger = NULL, cancel_requested_at = NULL
     WHERE node_id = ${copy.node} AND subscription = ${copy.subscription}`);
  await session.query(
    row.checkpointsKey === null
      ? sql`DELETE FROM steep_repl.copy_chunks WHERE subscription = ${copy.subscription}`
      : forgetFollowed(row.checkpointsKey, copy),
  );
  const state = (await readInit(session, copy))?.state ?? 'copying';
  for (const to of wayToCatchUp[state] ?? []) await moveInitWithin(session, { ...copy, to });
  return true;
};

/** Other tables of the snapshot may be for another subscription. */
const forgetFollowed = (checkpointsKey: string, { subscription }: Following): Sql => sql`
  DELETE FROM steep_repl.copy_chunks AS k
   USING pg_catalog.pg_subscription AS s, pg_catalog.pg_subscription_rel AS r, pg_catalog.pg_class AS c,
         pg_catalog.pg_namespace AS n, pg_catalog.pg_database AS d
   WHERE k.subscription = ${checkpointsKey} AND s.subname = ${subscription} AND d.oid = s.subdbid
     AND d.datname = pg_catalog.current_database() AND r.srsubid = s.oid AND c.oid = r.srrelid
     AND n.oid = c.relnamespace AND k.table_schema = n.nspname AND k.table_name = c.relname`;

/** A copy that failed, and has been brought to its end, passes what it would have passed. */
const wayToCatchUp: Readonly<Partial<Record<InitState, readonly InitState[]>>> = {
  preparing: ['copying', 'catching_up'],
  copying: ['catching_up'],
  failed: ['reinitializing', 'copying', 'catching_up'],
  reinitializing: ['copying', 'catching_up'],
};

/** The copy is rolled back, rows and slot: it is as if it had never been begun. */
export const forgetAttempt = (session: Session, copy: Omit<Following, 'slot'>): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(sql`
      DELETE FROM steep_repl.copy_chunks AS k USING steep_repl.subscriptions_init AS i
       WHERE i.node_id = ${copy.node} AND i.subscription = ${copy.subscription}
         AND k.subscription = COALESCE(i.ledger, i.subscription)`);
    await forgetWithin(session, copy);
  });

/** The same, for rows that stay: they belong to no subscription, and are of use to the next subscription. */
export const leaveRows = (session: Session, copy: Omit<Following, 'slot'>): Promise<void> =>
  session.transaction({}, () => forgetWithin(session, copy));

const forgetWithin = async (session: Session, copy: Omit<Following, 'slot'>): Promise<void> => {
  await lockNodeRow(session, copy.node);
  await session.query(sql`
    UPDATE steep_repl.subscriptions_init SET publications_digest = NULL, ledger = NULL, cancel_requested_at = NULL
     WHERE node_id = ${copy.node} AND subscription = ${copy.subscription}`);
  await forgetAttemptRow(session, copy.subscription);
  await moveInitWithin(session, { ...copy, to: 'uninitialized' });
};
