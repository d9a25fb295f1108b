// Looks on, from beside the sessions of a copy, whom they wait for. Sessions of the copy itself do not count: they will
// be done. A look that fails says nothing.

import type { Blocker } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { Session } from '../session.ts';

/** How a copy waits for locks, and who is told. */
export interface LockWaitPolicy {
  /** Milliseconds that one statement waits. */
  readonly timeoutMs: number;
  /** How often what waited without success is tried again. */
  readonly retries: number;
  /** Whom these sessions of a node wait for now, by the pid of the waiting one. */
  readonly blockersOf: (
    node: NodeName,
    pids: readonly number[],
  ) => Promise<ReadonlyMap<number, readonly Blocker[]>>;
  /** While something waits: what it is, as in `copying public.orders`. */
  readonly onWaiting: (doing: string, blockers: readonly Blocker[]) => void;
  /** Something has waited without success, and is tried again. */
  readonly onRetry: (wait: LockWait) => void;
}

export interface LockWait {
  readonly attempt: number;
  readonly attempts: number;
  readonly blockers: readonly Blocker[];
}

/** A session that may have to wait. */
export interface Waiter {
  readonly doing: string;
  readonly sessions: () => readonly Session[];
}

export interface Look {
  /** Others that blocked when it last waited. */
  readonly blockers: readonly Blocker[];
  /** It waited for other sessions of this copy, and for no other. */
  readonly own: boolean;
}

export interface LockWatch {
  readonly policy: LockWaitPolicy;
  /** Looks on until end(). */
  begin(waiter: Waiter): { last(): Look; end(): void };
  stop(): void;
}

/** Where waits have no end. */
const usualEveryMs = 500;

const nobody: Look = { blockers: [], own: false };

export const watchLocks = (policy: LockWaitPolicy): LockWatch => {
  const looks = new Map<Waiter, Look>();
  let looking = false;
  const lookAll = async (): Promise<void> => {
    const found = await readLooks([...looks.keys()], policy);
    for (const [waiter, look] of found) {
      if (!looks.has(waiter)) continue;
      looks.set(waiter, look);
      if (look.blockers.length > 0) policy.onWaiting(waiter.doing, look.blockers);
    }
  };
  // Often enough to see a wait before it is over.
  const tick = (): void => {
    if (looking) return;
    looking = true;
    lookAll()
      .catch(() => undefined)
      .finally(() => {
        looking = false;
      });
  };
  const timer = setInterval(tick, policy.timeoutMs / 4 || usualEveryMs);
  return {
    policy,
    begin: (waiter) => {
      looks.set(waiter, nobody);
      let last = nobody;
      return {
        last: () => looks.get(waiter) ?? last,
        end: () => {
          last = looks.get(waiter) ?? last;
          looks.delete(waiter);
        },
      };
    },
    stop: () => clearInterval(timer),
  };
};

/** Of those who wait now. */
async function readLooks(
  waiters: readonly Waiter[],
  { blockersOf }: LockWaitPolicy,
): Promise<readonly (readonly [Waiter, Look])[]> {
  const all = waiters.flatMap((waiter) =>
    waiter.sessions().map((session) => ({ waiter, session })),
  );
  const byNode = Map.groupBy(all, ({ session }) => session.node);
  const found: [Waiter, Look][] = [];
  for (const [node, some] of byNode) {
    const pids = some.map(({ session }) => session.pid);
    const blockers = await blockersOf(node, pids);
    for (const { waiter, session } of some) {
      const holders = blockers.get(session.pid) ?? [];
      const others = holders.filter(({ pid }) => !pids.includes(pid));
      if (holders.length > 0) found.push([waiter, { blockers: others, own: others.length === 0 }]);
    }
  }
  return found;
}
