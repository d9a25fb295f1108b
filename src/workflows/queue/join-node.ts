// One node, as a worker that joins copies serves it: a session with a lease that looks for initial copies into the node which
// other processes run, and a place in each of them.

import { assertMetadataCurrent } from '../../catalog/metadata/read-node-status.ts';
import { joinCopy } from '../../copy/join/join-copy.ts';
import {
  assertApproved,
  joinChannel,
  type Offer,
  readOffers,
  type Turn,
} from '../../copy/join/joined-rows.ts';
import { joinRest } from '../../copy/join/lead-joined.ts';
import { takeLease } from '../../metadata/queue/take-lease.ts';
import { assertClaimed } from '../../metadata/run-claim.ts';
import { SteepError } from '../../model/errors.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import { usualLimits } from '../../model/plan/plan.ts';
import type { DesiredNode } from '../../model/state/state.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { createWakeup, type Wakeup } from '../../postgres/wakeup.ts';
import { openNodes } from '../nodes.ts';
import { guardWithoutPlan } from '../plan/code-guard.ts';
import type { Serving } from './serve-node.ts';

export interface Joining extends Serving {
  /** Of the file. */
  readonly nodes: readonly DesiredNode[];
  readonly allowHazards: readonly string[];
  /** Loads of one copy at a time. */
  readonly concurrency: number;
}

/** Milliseconds: where NOTIFY does not arrive, behind some poolers. */
const lookEvery = 5000;
const again = 30_000;

/** Until the worker is to end, or with `once`, until no copy can be joined. @throws SteepError: why its session ended. */
export const joinNode = async (node: DesiredNode, joining: Joining): Promise<void> => {
  const { connections, runtime, applicationName } = joining;
  const options = { applicationName, readOnly: false };
  const opened = await openNodes([node], connections, options, runtime);
  const stop = new AbortController();
  const wakeups = new Set<Wakeup>();
  const wakeAll = (): void => {
    for (const { wake } of wakeups) wake();
  };
  const end = (): void => {
    if (!joining.drain) stop.abort();
    wakeAll();
  };
  joining.stopping.addEventListener('abort', end);
  try {
    const control = opened.sessions.get(node.name);
    if (control === undefined) {
      throw unreadError(opened.unreadable[node.name], `Node ${node.name} was not read.`);
    }
    control.onClose(() => {
      stop.abort();
      wakeAll();
    });
    const lease = await takeLease(control, assertMetadataCurrent);
    await control.listen(joinChannel, wakeAll);
    await joinAll({ node, joining, control, lease, stop: stop.signal, wakeups });
  } catch (error) {
    throw toFailure(error, { node: node.name, doing: 'joining its copies' });
  } finally {
    joining.stopping.removeEventListener('abort', end);
    stop.abort();
    await opened.close();
  }
};

interface Place {
  readonly node: DesiredNode;
  readonly joining: Joining;
  readonly control: Session;
  readonly lease: number;
  readonly stop: AbortSignal;
  readonly wakeups: Set<Wakeup>;
}

const joinAll = async (place: Place): Promise<void> => {
  const { node, joining, control, wakeups } = place;
  const { stopping, once, concurrency, runtime } = joining;
  const wakeup = createWakeup(joinRest);
  wakeups.add(wakeup);
  const joined = new Map<string, Promise<void>[]>();
  const left = new Map<string, number>();
  while (!stopping.aborted && !control.closed) {
    const offers = await readOffers(control, node.name);
    for (const offer of offers) {
      const { runId } = offer;
      if (joined.has(runId) || runtime.clock() - (left.get(runId) ?? -again) < again) continue;
      const slots = Array.from({ length: concurrency }, () => joinOne(offer, place));
      joined.set(runId, slots);
      void Promise.all(slots).then(() => {
        joined.delete(runId);
        left.set(runId, runtime.clock());
        wakeup.wake();
      });
    }
    if (once && joined.size === 0) break;
    await wakeup.wokenWithin(lookEvery);
  }
  await Promise.all([...joined.values()].flat());
};

/** One load at a time, in sessions of its own. Never rejects. */
const joinOne = async (
  offer: Offer,
  { node, joining, control, lease, stop, wakeups }: Place,
): Promise<void> => {
  const { applicationName, stopping, say } = joining;
  const wakeup = createWakeup(joinRest);
  wakeups.add(wakeup);
  const name = `The copy of ${offer.subscription} into ${offer.node}`;
  try {
    const { source, target, hold, close } = await openBoth(offer, node, joining);
    say(`${name}: joined.`);
    try {
      const stored = await joinCopy({
        offer,
        control,
        lease,
        worker: applicationName,
        openSource: () => source.another(),
        openTarget: () => target.another(),
        onTurn: hold,
        guard: guardWithoutPlan(joining.allowHazards),
        lockTimeoutMs: usualLimits.lockTimeoutMs,
        wakeup,
        stopping,
        stop,
        say: (text) => say(`${name}: ${text}`),
      });
      say(`${name}: left, after ${stored} loads.`);
    } finally {
      await close();
    }
  } catch (error) {
    say(`${name}: ${toFailure(error, { node: node.name, doing: 'joining a copy' }).message}`);
  } finally {
    wakeups.delete(wakeup);
  }
};

/** Sessions to the target commit as the run that leads the copy, and only the load that it has approved. */
const openBoth = async (
  { source, runId }: Offer,
  node: DesiredNode,
  { nodes, connections, runtime, applicationName }: Joining,
) => {
  const from = nodes.find(({ name }) => name === source);
  if (from === undefined) throw unknownSource(source);
  let turn: Turn | null = null;
  const beforeCommit = async (session: Session): Promise<void> => {
    if (session.node !== node.name || turn === null) return;
    await assertClaimed(session, runId);
    await assertApproved(session, turn);
  };
  const options = { applicationName, readOnly: false, beforeCommit };
  const opened = await openNodes([node, from], connections, options, runtime);
  const [own, other] = [opened.sessions.get(node.name), opened.sessions.get(source)];
  if (own === undefined || other === undefined) {
    await opened.close();
    const [failure] = Object.values(opened.unreadable);
    throw unreadError(failure, `Node ${source} was not read.`);
  }
  const hold = (next: Turn): void => {
    turn = next;
  };
  return { target: own, source: other, hold, close: opened.close };
};

const unknownSource = (source: string): SteepError =>
  new SteepError(
    'USAGE',
    `steep.yaml of this worker has no node ${source}, which the copy reads.`,
    {
      suggestions: [`Add the node ${source} with its connection; nothing else of it is needed.`],
    },
  );
