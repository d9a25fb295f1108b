// Looks on at initial copies until none is under way: woken by NOTIFY, and at least once a second. Read-only.

import { setTimeout as delay } from 'node:timers/promises';
import { readInits } from '../../catalog/copies/read-inits.ts';
import { initChanges } from '../../model/copy/init-changes.ts';
import { type InitReading, isUnderWay, isWatched } from '../../model/copy/init-reading.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { RunEvent } from '../../model/event.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { exitOfCodes } from '../../model/plan/exit-of-errors.ts';
import type { NodeName } from '../../model/state/address.ts';
import { toFailure } from '../../postgres/failures.ts';
import { createWakeup } from '../../postgres/wakeup.ts';
import { assertInFile } from '../assert-in-file.ts';
import { loadProject, type ProjectSource } from '../described-project.ts';
import { asDiagnostic, type OpenNodes, openNodes } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

/** Milliseconds. A NOTIFY is a hint only: the rows are read again in any case. */
const readEvery = 1000;
/** However many copies tell of themselves. */
const readAtMostEvery = 200;

export interface FollowRequest {
  readonly source: ProjectSource;
  /** Into which node; null: any. */
  readonly node: NodeName | null;
  /** What changed, and all copies as they are now. */
  readonly onChange: (changed: readonly InitReading[], all: readonly InitReading[]) => void;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

export interface FollowResult {
  /** Findings about the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null: the file cannot be used. */
  readonly inits: readonly InitReading[] | null;
  /** Nodes that could not be read, at first or any more. */
  readonly unreadable: readonly Diagnostic[];
}

/** As for `steep status`: a node that was not read comes first, then what is broken. */
export const followEnding = (
  inits: readonly InitReading[],
  unreadable: readonly Diagnostic[],
): ExitCode => {
  if (unreadable.length > 0) return exitOfCodes(unreadable.map(({ code }) => code));
  const broken = inits.some(
    (init) => isUnderWay(init) || init.state === 'failed' || init.state === 'diverged',
  );
  return broken ? ExitCode.error : ExitCode.done;
};

type Unreadable = Map<NodeName, Diagnostic>;

/** The nodes that can be read; one that is lost meanwhile is among the unreadable from then on. */
const readAll = async (
  nodes: OpenNodes,
  unreadable: Unreadable,
): Promise<readonly InitReading[]> => {
  const readings = await Promise.all(
    [...nodes.metadata].map(async ([node, session]) => {
      if (unreadable.has(node)) return [];
      try {
        return await readInits(session, node);
      } catch (error) {
        const failure = toFailure(error, { node, doing: 'reading the progress of initial copies' });
        unreadable.set(node, asDiagnostic(failure, node));
        return [];
      }
    }),
  );
  return readings.flat();
};

/** A standby cannot listen; its rows are read every second all the same. */
const listenAll = async (nodes: OpenNodes, wake: () => void): Promise<void> => {
  const listening = [...nodes.metadata.values()].map((session) =>
    session.listen('steep_repl_progress', wake),
  );
  await Promise.allSettled(listening);
};

const tell = (
  before: readonly InitReading[],
  now: readonly InitReading[],
  { onChange, onEvent }: FollowRequest,
  runtime: RuntimeEnvironment,
): void => {
  const changes = initChanges(before, now);
  const timestamp = runtime.now().toISOString();
  for (const { reading, events } of changes) {
    for (const event of events) {
      onEvent({ timestamp, level: 'info', run_id: reading.runId, ...event });
    }
  }
  if (changes.length > 0) {
    onChange(
      changes.map(({ reading }) => reading),
      now,
    );
  }
};

const follow = async (
  request: FollowRequest,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<Omit<FollowResult, 'diagnostics'>> => {
  const { signal } = request;
  const unreadable: Unreadable = new Map(Object.entries(nodes.unreadable));
  const wakeup = createWakeup();
  signal.addEventListener('abort', wakeup.wake);
  await listenAll(nodes, wakeup.wake);
  let inits: readonly InitReading[] = [];
  for (;;) {
    const now = await readAll(nodes, unreadable);
    tell(inits, now, request, runtime);
    inits = now;
    if (signal.aborted || !inits.some(isWatched)) break;
    await delay(readAtMostEvery);
    await wakeup.wokenWithin(readEvery - readAtMostEvery);
  }
  return { inits, unreadable: [...unreadable.values()] };
};

/** @throws SteepError when steep.yaml cannot be read. An interrupt ends it like the end of the copies. */
export const followInits = async (
  request: FollowRequest,
  runtime: RuntimeEnvironment,
): Promise<FollowResult> => {
  const { topology, diagnostics } = await loadProject(request.source, runtime);
  if (topology === null) return { diagnostics, inits: null, unreadable: [] };
  const opened = { applicationName: 'steep status', readOnly: true };
  const { node } = request;
  const { nodes: all } = topology.desired;
  if (node !== null) assertInFile(node, all);
  const watched = all.filter(({ name }) => node === null || name === node);
  const nodes = await openNodes(watched, topology.connections, opened, runtime);
  try {
    return { diagnostics, ...(await follow(request, nodes, runtime)) };
  } finally {
    await nodes.close();
  }
};
