// The run's side of a joined copy: offers it, gives one load after the other to each worker that joins, says whether what
// arrived may be committed, and takes back what a worker does not bring. What is there is read from the copy checkpoints,
// never from what a worker says.

import type { NodeName } from '../../model/state/address.ts';
import { tryAgain } from '../../postgres/retry/try-again.ts';
import type { LockWatch } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';
import { createWakeup } from '../../postgres/wakeup.ts';
import { limitLocks, type Open } from '../copy-sessions.ts';
import { type CopiedPart, findLoad } from '../fill/chunk-checkpoints.ts';
import type { Load } from '../read/choose-transfers.ts';
import type { JoinedPlace } from '../run-tasks.ts';
import {
  giveLoad,
  joinChannel,
  moveTurn,
  type Offer,
  offerCopy,
  type PlaceRow,
  type PlaceState,
  readPlaces,
  removePlace,
  withdrawOffer,
} from './joined-rows.ts';

export interface LeadWork {
  /** The target. */
  readonly node: NodeName;
  readonly offer: Offer;
  /** Of the run's own, in which nothing else runs meanwhile. */
  readonly session: Session;
  /** Another one, where that is lost. */
  readonly open: Open;
  /** Takes the lease by which workers see that the run lives. */
  readonly lease: (session: Session) => Promise<number>;
  readonly locks: LockWatch;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Aborted: nothing is given or approved any more. */
  readonly stop: AbortSignal;
}

/** Milliseconds from one look to the next, of either side, however often anybody notifies. */
export const joinRest = 20;

/** Milliseconds. A worker that has a load says every 5 seconds that it lives. */
const silentFor = 60_000;
const lookWhileAlone = 5000;
const lookWhileJoined = 500;

/**
 * From now on others may join.
 * @param onPlace Called for each worker that does.
 * @returns what ends it: afterwards nobody commits a load of this copy.
 */
export const leadJoined = async (
  work: LeadWork,
  onPlace: (place: JoinedPlace) => void,
): Promise<() => Promise<void>> => {
  const { session, stop, offer } = work;
  const wakeup = createWakeup(joinRest);
  const seats = new Map<number, Seat>();
  let isOver = false;
  await session.listen(joinChannel, wakeup.wake);
  await offerCopy(session, offer, await work.lease(session));
  const watch = async (): Promise<void> => {
    try {
      while (!isOver && !stop.aborted) {
        seatWorkers(await readPlaces(session, offer), seats, work, onPlace);
        await wakeup.wokenWithin(seats.size === 0 ? lookWhileAlone : lookWhileJoined);
      }
    } catch {
      // Without its session the run knows of no worker; each of their loads is settled on another one.
    } finally {
      for (const seat of seats.values()) seat.see(null);
    }
  };
  stop.addEventListener('abort', wakeup.wake);
  const watching = watch();
  return async () => {
    isOver = true;
    wakeup.wake();
    stop.removeEventListener('abort', wakeup.wake);
    await watching;
    await onAnySession(work, 'ending the joined copy', (own) => withdrawOffer(own, offer));
  };
};

/** Those that are new get a seat, and each seat sees what its worker says now. */
const seatWorkers = (
  rows: readonly PlaceRow[],
  seats: Map<number, Seat>,
  work: LeadWork,
  onPlace: (place: JoinedPlace) => void,
): void => {
  for (const row of rows) {
    if (seats.has(row.id) || !row.alive) continue;
    const seat = makeSeat(row.id, work);
    seats.set(row.id, seat);
    onPlace(seat.place);
  }
  for (const [id, seat] of seats) seat.see(rows.find((row) => row.id === id) ?? null);
};

/** On the session of the run, or where that is lost, on another one. */
const onAnySession = async <T>(
  { node, session, open, locks, sleep }: LeadWork,
  doing: string,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  let own = session;
  try {
    return await tryAgain(
      { node, doing, sessions: () => [own], locks, sleep, recover: async () => true },
      async () => {
        if (own.closed) {
          own = await open();
          await limitLocks(own, locks.policy.timeoutMs);
        }
        return body(own);
      },
    );
  } finally {
    if (own !== session) await own.close();
  }
};

interface Seat {
  readonly place: JoinedPlace;
  /** Null: the worker is gone. */
  readonly see: (row: PlaceRow | null) => void;
}

/** What one worker says of itself, as the run sees it. */
interface SeenPlace {
  readonly see: Seat['see'];
  /** Null: the worker is gone. */
  readonly until: (number: number, states: readonly PlaceState[]) => Promise<PlaceRow | null>;
  readonly isGone: () => boolean;
  /** It has something to do from now on. */
  readonly given: () => void;
  /** Nothing is given to it any more. */
  readonly dismiss: () => void;
}

function watchPlace(clock: () => number): SeenPlace {
  let row: PlaceRow | null = null;
  let isGone = false;
  let livedAt = clock();
  let wake: () => void = () => undefined;
  return {
    see: (next) => {
      if (next?.beat !== row?.beat || next?.state !== row?.state) livedAt = clock();
      const isBusy = next !== null && !['idle', 'stored', 'failed'].includes(next.state);
      const isSilent = isBusy && clock() - livedAt > silentFor;
      row = next;
      isGone ||= next?.alive !== true || isSilent;
      wake();
    },
    until: async (number, states) => {
      while (!isGone) {
        if (row?.number === number && states.includes(row.state)) return row;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return null;
    },
    isGone: () => isGone,
    given: () => {
      livedAt = clock();
    },
    dismiss: () => {
      isGone = true;
    },
  };
}

function makeSeat(id: number, work: LeadWork): Seat {
  const { session, offer, clock } = work;
  const seen = watchPlace(clock);
  /** @returns whether the worker can have another load. */
  const carry = async (load: Load, onArrived: JoinedLoad['onArrived']): Promise<boolean> => {
    const number = await giveLoad(session, id, load);
    if (number === null) return false;
    seen.given();
    const turn = { id, number };
    const first = await seen.until(number, ['arrived', 'stored', 'failed']);
    if (first?.state !== 'arrived') return first !== null;
    await moveTurn(session, turn, ['arrived'], isAllowed(load, first, onArrived));
    return (await seen.until(number, ['stored', 'failed'])) !== null;
  };
  const load: JoinedPlace['load'] = async (given, onArrived) => {
    const stays = await carry(given, onArrived).catch(() => false);
    if (!stays) seen.dismiss();
    return onAnySession(work, 'reclaiming a load of a joined worker', async (own) => {
      if (seen.isGone()) await removePlace(own, id);
      return findLoad(own, offer, given);
    });
  };
  return { see: seen.see, place: { isGone: seen.isGone, load } };
}

type JoinedLoad = {
  readonly onArrived: (parts: readonly CopiedPart[]) => void;
};

/** What a load of this process asks itself before its COMMIT. */
const isAllowed = (
  { parts }: Load,
  { arrived }: PlaceRow,
  onArrived: JoinedLoad['onArrived'],
): 'approved' | 'refused' => {
  if (arrived?.length !== parts.length) return 'refused';
  try {
    onArrived(
      parts.map((part, index) => ({ ...part, ...(arrived[index] ?? nothing), sha256: null })),
    );
    return 'approved';
  } catch {
    // Why, is found again where the load is copied by this process.
    return 'refused';
  }
};

const nothing = { rows: 0, bytes: 0 };
