// steep worker: takes operations from the queues of its nodes, and runs them as the commands of their names would.

import { setTimeout as delay } from 'node:timers/promises';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { SteepError } from '../../model/errors.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredNode } from '../../model/state/state.ts';
import { assertInFile } from '../assert-in-file.ts';
import { loadFile } from '../load.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { joinNode } from './join-node.ts';
import { type Serving, type SharedPlaces, serveNode } from './serve-node.ts';

export interface WorkerRequest
  extends Pick<Serving, 'file' | 'snapshots' | 'drain' | 'once' | 'onEvent' | 'say'> {
  /** Whose queues it serves; none: those of all nodes of the file. */
  readonly nodes: readonly NodeName[];
  /** Operations that it runs at a time; loads, of a worker that joins copies. */
  readonly concurrency: number;
  /** It takes no operations: it joins initial copies that other processes run. */
  readonly join: boolean;
  /** Of the process. */
  readonly pid: number;
  /** Aborted: the worker is to end. */
  readonly signal: AbortSignal;
}

/** How many operations ended how. */
export interface WorkerReport {
  readonly complete: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Given back, to be tried again later or by another worker. */
  readonly returned: number;
}

export interface WorkerResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Null: the file is not valid. */
  readonly report: WorkerReport | null;
}

/** A run that has the lock of a node is waited for this long; then the operation goes back into the queue. */
const waitForLockMs = 60_000;

/** What the session of a worker on a host is called: `steep worker HOST PID`. */
export const workerApplication = (host: string, pid: number): string =>
  `steep worker ${host.slice(0, 40)} ${pid}`;

/** Until it is told to end; with `once`, until the queues are empty. @throws SteepError USAGE; with `once`, a node that was lost. */
export const work = async (
  request: WorkerRequest,
  runtime: RuntimeEnvironment,
): Promise<WorkerResult> => {
  const { file, nodes, pid } = request;
  const { topology, diagnostics } = loadFile(file, runtime);
  if (topology === null) return { diagnostics, report: null };
  const { desired, connections } = topology;
  for (const name of nodes) assertInFile(name, desired.nodes);
  const served = desired.nodes.filter(({ name }) => nodes.length === 0 || nodes.includes(name));
  const counted = { complete: 0, failed: 0, cancelled: 0, returned: 0 };
  const { interrupt: _interrupt, ...lasting } = runtime;
  const serving: Serving = {
    ...request,
    // What it holds ends soon when it is gone; each operation has an interrupt of its own.
    runtime: { ...lasting, leased: true },
    connections,
    waitForLockMs,
    places: sharePlaces(request.concurrency),
    worker: `${runtime.user}@${runtime.hostname} ${pid}`,
    applicationName: workerApplication(runtime.hostname, pid),
    stopping: request.signal,
    onEnded: (status) => {
      counted[status === 'pending' || status === 'lost' ? 'returned' : status] += 1;
    },
  };
  const { allowHazards } = desired.policy;
  const joining = {
    ...serving,
    nodes: desired.nodes,
    allowHazards,
    concurrency: request.concurrency,
  };
  const serve = (node: DesiredNode): Promise<void> =>
    request.join ? joinNode(node, joining) : serveNode(node, serving);
  await Promise.all(served.map((node) => serveAlways(() => serve(node), serving)));
  return { diagnostics, report: counted };
};

const tryAgainMs = 5000;

/** A node that cannot be reached, or has no queue yet, is tried again: a worker outlives its servers. */
const serveAlways = async (
  serve: () => Promise<void>,
  { stopping, once, say }: Serving,
): Promise<void> => {
  let told = '';
  while (!stopping.aborted) {
    try {
      await serve();
      if (once) return;
    } catch (error) {
      if (once) throw error;
      const { code, message } = error as SteepError;
      if (message !== told) say(`The worker tries again. ${code}: ${message}`);
      told = message;
      await delay(tryAgainMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
};

const sharePlaces = (concurrency: number): SharedPlaces => {
  const waiting = new Set<() => void>();
  let taken = 0;
  return {
    take: (wake) => {
      if (taken >= concurrency) {
        waiting.add(wake);
        return false;
      }
      taken += 1;
      return true;
    },
    free: () => {
      taken -= 1;
      const woken = [...waiting];
      waiting.clear();
      for (const wake of woken) wake();
    },
  };
};
