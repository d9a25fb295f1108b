// A run that may change nodes: who it is, its sessions, its run locks, and how it waits for locks of others. Whatever ends
// its body, all that it opened is closed, and its run locks end with that.

import { limitLocks } from '../../copy/copy-sessions.ts';
import type { Connections } from '../../model/connection/conninfo.ts';
import type { EmitEvent, RunEvent } from '../../model/event.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredNode } from '../../model/state/state.ts';
import { readWithRetries } from '../../postgres/retry/read-with-retries.ts';
import { watchLocks } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';
import { interruptibleSleep } from '../../run/interruptible-sleep.ts';
import { type ChoiceRequest, type ChosenNodes, openChosen } from '../chosen-nodes.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { newIdentity, type RunIdentity, sessionsOfRun } from './run-identity.ts';
import { sessionLockWaits } from './session-lock-waits.ts';
import { stampEvents } from './stamp-events.ts';

/** What every run is given, whatever it does. */
export interface RunRequest {
  /** Milliseconds to wait for another run to end; 0: not at all. */
  readonly waitForLockMs: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/** A node that a run locks. */
export interface RunNode {
  readonly name: NodeName;
  readonly session: Session;
  /** Where its steep_repl is. */
  readonly metadata: Session;
}

export interface LockScope {
  /** On a standby, and for a role that may not write to steep_repl, the advisory lock alone is taken. */
  readonly evenWithoutTable?: boolean;
}

export interface Run {
  readonly identity: RunIdentity;
  readonly runtime: RuntimeEnvironment;
  /** Aborted at an interrupt, and when a run lock was lost. */
  readonly signal: AbortSignal;
  readonly sleep: (ms: number) => Promise<void>;
  readonly emit: EmitEvent;
  /** Sessions to nodes of the file; those that cannot be read are findings. */
  readonly open: (nodes: readonly DesiredNode[], to: Connections) => Promise<OpenNodes>;
  /** Sessions to the nodes that the command line names. */
  readonly openChosen: (request: ChoiceRequest) => Promise<ChosenNodes>;
  /** Takes the run locks, in order of name. Before it, a run changes nothing. @throws SteepError RUN_LOCKED (exit 5). */
  readonly lock: (nodes: readonly RunNode[], scope?: LockScope) => Promise<void>;
  /** Ends the run locks: from now on the run changes nothing that others could change, too. */
  readonly unlock: () => Promise<void>;
  /** All that it has locked, also those whose lock has ended since. */
  readonly locked: () => readonly RunNode[];
  /**
   * Runs the body again while it fails because of locks of others, and says whose they are.
   * @param session what the body uses, in no transaction; the body changes all or nothing.
   * @throws SteepError: who held the lock, when it was waited for without success; INTERRUPTED.
   */
  readonly patiently: <T>(doing: string, session: Session, body: () => Promise<T>) => Promise<T>;
}

type Say = (text: string) => void;

/** The nodes of these names that are open. */
export const nodesNamed = (
  { sessions, metadata }: OpenNodes,
  names: ReadonlySet<NodeName>,
): readonly RunNode[] =>
  [...sessions].flatMap(([name, session]) => {
    const keeper = metadata.get(name);
    return keeper === undefined || !names.has(name) ? [] : [{ name, session, metadata: keeper }];
  });

/** @param say for people: whom the run waits for. */
export const withRun = async <T>(
  request: RunRequest & { readonly say?: Say },
  runtime: RuntimeEnvironment,
  body: (run: Run) => Promise<T>,
): Promise<T> => {
  const closing: (() => Promise<void>)[] = [];
  try {
    return await body(makeRun(request, runtime, (close) => closing.push(close)));
  } finally {
    for (const close of closing.reverse()) await close();
  }
};

const makeRun = (
  request: RunRequest & { readonly say?: Say },
  runtime: RuntimeEnvironment,
  closeLater: (close: () => Promise<void>) => void,
): Run => {
  const identity = newIdentity(runtime);
  const { locks, runId } = identity;
  const signal = AbortSignal.any([request.signal, locks.lost]);
  const sleep = interruptibleSleep(signal);
  const locked: RunNode[] = [];
  return {
    identity,
    runtime,
    signal,
    sleep,
    emit: stampEvents(request.onEvent, runId, runtime),
    open: async (nodes, connections) => {
      const opened = await openNodes(nodes, connections, sessionsOfRun(identity), runtime);
      closeLater(opened.close);
      return opened;
    },
    openChosen: async (choice) => {
      const opened = await openChosen(choice, sessionsOfRun(identity), runtime);
      if (opened.outcome === 'open') closeLater(opened.close);
      return opened;
    },
    lock: async (nodes, scope = {}) => {
      const sessions = new Map(nodes.map(({ name, session }) => [name, session]));
      const waiting = { waitMs: request.waitForLockMs, clock: runtime.clock, sleep };
      await locks.take(sessions, { ...waiting, ...scope });
      locked.push(...nodes);
    },
    unlock: locks.release,
    locked: () => locked,
    patiently: (doing, session, again) =>
      patiently(session, { sleep, signal, say: request.say ?? (() => undefined) }, doing, again),
  };
};

interface Waiting extends Pick<Run, 'sleep' | 'signal'> {
  readonly say: Say;
}

const patiently = async <T>(
  session: Session,
  { sleep, signal, say }: Waiting,
  doing: string,
  body: () => Promise<T>,
): Promise<T> => {
  const observer = await session.another();
  const policy = sessionLockWaits(observer, say);
  const locks = watchLocks(policy);
  try {
    await limitLocks(session, policy.timeoutMs);
    return await readWithRetries(session, { locks, sleep, signal })(doing, body);
  } finally {
    locks.stop();
    if (!session.closed) await limitLocks(session, 0);
    await observer.close();
  }
};
