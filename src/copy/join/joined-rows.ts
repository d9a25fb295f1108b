// The two tables of steep_repl through which a run and joined workers speak: which copies may be joined, and the load of each
// worker. Every statement is a transaction of its own, but for those that say otherwise.

import { SteepError } from '../../model/errors.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../../postgres/session.ts';
import { type Sql, sql } from '../../postgres/sql/sql.ts';
import type { CopiedPart } from '../fill/chunk-checkpoints.ts';
import type { Load } from '../read/choose-transfers.ts';
import { type SentLoad, sentLoad } from './sent-load.ts';

/** NOTIFY wakes both sides; where it does not arrive, each looks at least every second while a load is under way. */
export const joinChannel = 'steep_repl_join';

/** A copy that others may join. */
export interface Offer {
  /** The target. */
  readonly node: NodeName;
  readonly subscription: string;
  readonly runId: string;
  readonly source: NodeName;
  readonly systemIdentifier: string;
  readonly database: string;
  readonly snapshot: string;
  readonly replica: boolean;
}

export type SourceIdentity = Pick<Offer, 'systemIdentifier' | 'database'>;

/** Names of snapshots are the same on many servers: this tells whose it is. */
export const readSourceIdentity = async (source: Session): Promise<SourceIdentity> => {
  const [row] = await source.query<SourceIdentity>(sql`
    SELECT c.system_identifier::text AS "systemIdentifier", pg_catalog.current_database()::text AS database
      FROM pg_catalog.pg_control_system() AS c`);
  if (row === undefined) throw new Error('The server answered a query of one row with none.');
  return row;
};

type Copy = Pick<Offer, 'subscription' | 'runId'>;

const notify: Sql = sql`SELECT pg_catalog.pg_notify(${joinChannel}, '')`;

/** What an earlier run has left is removed. */
export const offerCopy = (session: Session, offer: Offer, lease: number): Promise<void> =>
  session.transaction({}, async () => {
    await session.query(
      sql`DELETE FROM steep_repl.joined_workers AS j WHERE j.subscription = ${offer.subscription}`,
    );
    await session.query(
      sql`DELETE FROM steep_repl.joinable_copies AS c WHERE c.subscription = ${offer.subscription}`,
    );
    await session.query(sql`
      INSERT INTO steep_repl.joinable_copies
             (subscription, node_id, run_id, lease, source_node, system_identifier, database, snapshot, replica)
      VALUES (${offer.subscription}, ${offer.node}, ${offer.runId}, ${lease}, ${offer.source}, ${offer.systemIdentifier},
              ${offer.database}, ${offer.snapshot}, ${offer.replica})`);
    await session.query(notify);
  });

/** When it has returned, nobody commits a load of this copy any more: it waits for what is between check and COMMIT. */
export const withdrawOffer = async (
  session: Session,
  { subscription, runId }: Copy,
): Promise<void> => {
  await endStoring(session, sql`j.subscription = ${subscription} AND j.run_id = ${runId}`);
  await session.transaction({}, async () => {
    // First the offer, which a worker that enters just now holds until its place is to be seen.
    await session.query(sql`
      DELETE FROM steep_repl.joinable_copies AS c WHERE c.subscription = ${subscription} AND c.run_id = ${runId}`);
    await session.query(sql`
      DELETE FROM steep_repl.joined_workers AS j WHERE j.subscription = ${subscription} AND j.run_id = ${runId}`);
    await session.query(notify);
  });
};

/** Copies into the node that run now. */
export const readOffers = (session: Session, node: NodeName): Promise<readonly Offer[]> =>
  session.query<Offer>(sql`
    SELECT c.node_id AS node, c.subscription, c.run_id AS "runId", c.source_node AS source,
           c.system_identifier AS "systemIdentifier", c.database, c.snapshot, c.replica
      FROM steep_repl.joinable_copies AS c
      JOIN steep_repl.run_lock AS r ON r.run_id = c.run_id
     WHERE c.node_id = ${node} AND steep_repl.is_leased(c.lease)
     ORDER BY c.subscription`);

export type PlaceState =
  | 'idle'
  | 'given'
  | 'arrived'
  | 'approved'
  | 'refused'
  | 'stored'
  | 'failed';

/** The place of a joined worker, as the run sees it. */
export interface PlaceRow {
  readonly id: number;
  readonly worker: string;
  readonly state: PlaceState;
  readonly number: number;
  readonly arrived: readonly RowsArrived[] | null;
  readonly beat: number;
  /** Its lease is held. */
  readonly alive: boolean;
}

export type RowsArrived = Pick<CopiedPart, 'rows' | 'bytes'>;

export const readPlaces = (
  session: Session,
  { subscription, runId }: Copy,
): Promise<readonly PlaceRow[]> =>
  session.query<PlaceRow>(sql`
    SELECT j.id, j.worker, j.state, j.load_number AS number, j.arrived, j.beat, steep_repl.is_leased(j.lease) AS alive
      FROM steep_repl.joined_workers AS j
     WHERE j.subscription = ${subscription} AND j.run_id = ${runId}
     ORDER BY j.id`);

/** @returns the number of the load; null: the worker has left. */
export const giveLoad = async (
  session: Session,
  id: number,
  load: Load,
): Promise<number | null> => {
  const [row] = await session.query<{ readonly number: number }>(sql`
    WITH given AS (
      UPDATE steep_repl.joined_workers AS j
         SET state = 'given', load_number = j.load_number + 1, load = ${JSON.stringify(sentLoad(load))}::jsonb,
             arrived = NULL, error = NULL
       WHERE j.id = ${id} RETURNING j.load_number)
    SELECT g.load_number AS number, pg_catalog.pg_notify(${joinChannel}, '') AS told FROM given AS g`);
  return row?.number ?? null;
};

/** A place with the load that it has. */
export interface Turn {
  readonly id: number;
  readonly number: number;
}

/** @returns false: the place is gone, or has another load or state by now. */
export const moveTurn = async (
  session: Session,
  { id, number }: Turn,
  from: readonly PlaceState[],
  to: PlaceState,
  said: { readonly arrived?: readonly RowsArrived[]; readonly error?: string } = {},
): Promise<boolean> => {
  const rows = await session.query(sql`
    WITH moved AS (
      UPDATE steep_repl.joined_workers AS j
         SET state = ${to}, arrived = ${said.arrived === undefined ? null : JSON.stringify(said.arrived)}::jsonb,
             error = ${said.error ?? null}
       WHERE j.id = ${id} AND j.load_number = ${number} AND j.state = ANY (${[...from]}::text[]) RETURNING j.id)
    SELECT pg_catalog.pg_notify(${joinChannel}, '') AS told FROM moved AS m`);
  return rows.length > 0;
};

/**
 * The worker is not to store anything any more: its load does not commit after this. Its session is ended first, where the role may
 * do that, so that a process that hangs just before its COMMIT is not waited for.
 */
export const removePlace = async (session: Session, id: number): Promise<void> => {
  await endStoring(session, sql`j.id = ${id}`);
  await session.query(sql`DELETE FROM steep_repl.joined_workers AS j WHERE j.id = ${id}`);
};

const endStoring = async (session: Session, places: Sql): Promise<void> => {
  await session
    .query(sql`
      SELECT pg_catalog.pg_terminate_backend(a.pid)
        FROM steep_repl.joined_workers AS j
        JOIN pg_catalog.pg_stat_activity AS a ON a.pid = j.pid AND a.application_name = j.worker
       WHERE ${places} AND j.state IN ('given', 'arrived', 'approved')`)
    .catch(() => undefined);
};

/** By the worker itself, in whose session nothing is stored any more. */
export const leavePlace = async (session: Session, id: number): Promise<void> => {
  await session.query(sql`DELETE FROM steep_repl.joined_workers AS j WHERE j.id = ${id}`);
};

/** @returns the number of the place; null: the copy has ended. */
export const enterCopy = async (
  session: Session,
  { subscription, runId }: Copy,
  { lease, worker }: { readonly lease: number; readonly worker: string },
): Promise<number | null> => {
  const [row] = await session.query<{ readonly id: number }>(sql`
    WITH entered AS (
      INSERT INTO steep_repl.joined_workers (subscription, run_id, worker, lease)
      SELECT c.subscription, c.run_id, ${worker}, ${lease} FROM steep_repl.joinable_copies AS c
       WHERE c.subscription = ${subscription} AND c.run_id = ${runId} FOR KEY SHARE OF c
      RETURNING id)
    SELECT e.id, pg_catalog.pg_notify(${joinChannel}, '') AS told FROM entered AS e`);
  return row?.id ?? null;
};

/** What a worker is to do now; null: the copy has ended, or its run has. */
export interface GivenTurn extends Turn {
  readonly state: PlaceState;
  readonly load: SentLoad | null;
}

export const readTurn = async (session: Session, id: number): Promise<GivenTurn | null> => {
  const [row] = await session.query<GivenTurn>(sql`
    SELECT j.id, j.load_number AS number, j.state, CASE WHEN j.state = 'given' THEN j.load END AS load
      FROM steep_repl.joined_workers AS j
      JOIN steep_repl.joinable_copies AS c ON (c.subscription, c.run_id) = (j.subscription, j.run_id)
     WHERE j.id = ${id} AND steep_repl.is_leased(c.lease)`);
  return row ?? null;
};

/** The worker lives, and has this session for the rows. @returns false: it no longer has the load, or the run has ended. */
export const noteBeat = async (
  session: Session,
  { id, number }: Turn,
  pid: number | null,
): Promise<boolean> => {
  const rows = await session.query(sql`
    UPDATE steep_repl.joined_workers AS j SET beat = j.beat + 1, pid = ${pid}::int4
     WHERE j.id = ${id} AND j.load_number = ${number} AND j.state IN ('given', 'arrived', 'approved')
       AND EXISTS (SELECT FROM steep_repl.joinable_copies AS c
                    WHERE (c.subscription, c.run_id) = (j.subscription, j.run_id) AND steep_repl.is_leased(c.lease))
    RETURNING j.id`);
  return rows.length > 0;
};

/**
 * In the transaction that stores the load, just before COMMIT: the row stays as it is until then, so that a run that takes
 * the load back waits for this COMMIT.
 */
export const assertApproved = async (session: Session, { id, number }: Turn): Promise<void> => {
  const found = await session.query(sql`
    SELECT FROM steep_repl.joined_workers AS j
     WHERE j.id = ${id} AND j.load_number = ${number} AND j.state = 'approved' FOR SHARE`);
  if (found.length === 0) throw takenBack(session.node);
};

export const takenBack = (node: NodeName): SteepError =>
  new SteepError(
    'RUN_REPLACED',
    `Node ${node}: the run took this load back, or has ended. Its rows were rolled back.`,
    {
      suggestions: ['Nothing is to be done: this run or the next one copies these rows.'],
    },
  );
