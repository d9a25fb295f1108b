// steep watch: every node is read on its own, as often as it tells something; now and then all of them together, for what
// only a whole look can tell. Read-only.

import { setTimeout as delay } from 'node:timers/promises';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { recordingVersion, type WatchEvent } from '../../model/watch/watch-event.ts';
import { loadFile } from '../load.ts';
import { openNodes } from '../nodes.ts';
import { edgeNames } from '../observe/edges-of-live.ts';
import { isPrepared } from '../observe/examine-edges.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { makeHub, type WatchHub } from './watch-hub.ts';
import { watchNode } from './watch-node.ts';

/** Milliseconds. It reads whole catalogs: of many nodes less often, so that no more than a small part of the time goes there. */
const introspectEveryMs = 60_000;
const introspectAtLeastEveryMs = 300_000;

/** So many times as long as the last whole look took. */
const restFor = 60;

const pauseAfter = (took: number): number =>
  Math.min(introspectAtLeastEveryMs, Math.max(introspectEveryMs, restFor * took));

/** Milliseconds that the first whole look waits for nodes that do not answer. */
const firstLooksMs = 1000;

export interface WatchRequest {
  readonly file: string;
  readonly onEvent: (event: WatchEvent) => void;
  readonly signal: AbortSignal;
  /** A screen that stays: each node notes that it was seen, where the role may write that. */
  readonly notesSeen?: true;
}

export interface WatchResult {
  /** Findings about the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** False: the file cannot be used. */
  readonly watched: boolean;
}

/** What the subscriptions read that the file does not have, gaps, and slots that were prepared by hand. */
const introspect = async ({
  project,
  runtime,
  signal,
}: WatchHub): Promise<WatchHub['introspection']> => {
  const { desired, connections } = project;
  const options = { applicationName: 'steep watch', readOnly: true, interrupt: signal };
  const nodes = await openNodes(desired.nodes, connections, options, runtime);
  try {
    const live = await readCatalogs(project, nodes, runtime);
    const prepared = new Set<string>();
    for (const name of edgeNames(desired, live)) {
      const { node, subscription } = name;
      if (await isPrepared(name, desired, { nodes, live })) prepared.add(`${node}/${subscription}`);
    }
    return { live, prepared };
  } finally {
    await nodes.close();
  }
};

/** Whole looks would only delay the first ones. */
const firstLooks = async ({ project, looked, nextLook, signal }: WatchHub): Promise<void> => {
  const late = delay(firstLooksMs, undefined, { signal, ref: false }).then(
    () => true,
    () => true,
  );
  const isLate = (): Promise<boolean> => Promise.race([late, nextLook().then(() => false)]);
  while (looked.size < project.desired.nodes.length && !(await isLate()));
};

const introspectNowAndThen = async (hub: WatchHub): Promise<void> => {
  const { signal, runtime } = hub;
  await firstLooks(hub);
  while (!signal.aborted) {
    const begun = runtime.clock();
    try {
      hub.introspection = await introspect(hub);
    } catch (error) {
      // What is known stays; a node that fails is told by its own reader.
      if (!(error instanceof SteepError) && !signal.aborted) throw error;
    }
    if (!signal.aborted) hub.emit({ event: 'watch.introspected' });
    await delay(pauseAfter(runtime.clock() - begun), undefined, { signal }).catch(() => undefined);
  }
};

/** Until the signal. @throws SteepError when steep.yaml cannot be read. */
export const watch = async (
  { file, onEvent, signal, notesSeen }: WatchRequest,
  runtime: RuntimeEnvironment,
): Promise<WatchResult> => {
  const { topology, diagnostics } = loadFile(file, runtime);
  if (topology === null) return { diagnostics, watched: false };
  const hub = makeHub(topology, { onEvent, signal, notesSeen: notesSeen === true }, runtime);
  const { nodes, policy } = topology.desired;
  hub.emit({
    event: 'watch.started',
    version: recordingVersion,
    nodes: nodes.map(({ name }) => name),
    maxLag: policy.maxLag,
  });
  const readers = [...nodes.map((node) => watchNode(node, hub)), introspectNowAndThen(hub)];
  await Promise.all(readers).catch((error: unknown) => {
    // Sessions that are closed at the end may fail.
    if (!signal.aborted) throw error;
  });
  return { diagnostics, watched: true };
};
