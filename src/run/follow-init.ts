// The initial copy of an edge while the edge converges: its state moves on with what is seen, and its lag is told.

import { readInits } from '../catalog/copies/read-inits.ts';
import type { RunContext } from '../executors/executor.ts';
import { type ProgressNotes, progressNotes } from '../metadata/init/init-progress.ts';
import { advanceInit, divergeInit } from '../metadata/init/init-state.ts';
import { atRest } from '../model/copy/init-progress.ts';
import { type InitReading, isUnderWay } from '../model/copy/init-reading.ts';
import type { NodeName } from '../model/state/address.ts';
import { asking, type ConvergingEdge, type EdgeLook } from './look-at-edge.ts';

export interface InitFollower {
  /** Edges whose initial copy is not over. */
  readonly open: readonly ConvergingEdge[];
  readonly see: (edge: ConvergingEdge, look: EdgeLook) => Promise<void>;
  /** All edges have converged. */
  readonly finish: () => Promise<void>;
}

interface Followed {
  readonly edge: ConvergingEdge;
  readonly notes: ProgressNotes;
}

const keyOf = ({ node, subscription }: ConvergingEdge): string => `${node}/${subscription}`;

const readAll = async (
  edges: readonly ConvergingEdge[],
  context: RunContext,
): Promise<ReadonlyMap<string, InitReading>> => {
  const found = new Map<string, InitReading>();
  for (const node of new Set<NodeName>(edges.map((edge) => edge.node))) {
    for (const reading of await readInits(context.metadata(node), node)) {
      found.set(`${node}/${reading.subscription}`, reading);
    }
  }
  return found;
};

const missing = ({ subscription }: ConvergingEdge, { behind }: EdgeLook): string =>
  `${behind ?? `the slot of ${subscription} is lost`}: changes are lost, and a new initial copy is needed.`;

const initOf = ({ node, subscription }: ConvergingEdge, { runId, emit }: RunContext) => ({
  node,
  subscription,
  runId,
  emit,
});

const diverge = (edge: ConvergingEdge, look: EdgeLook, context: RunContext): Promise<boolean> =>
  asking(edge.node, edge, () =>
    divergeInit(context.metadata(edge.node), {
      ...initOf(edge, context),
      error: missing(edge, look),
    }),
  );

const advance = (
  edge: ConvergingEdge,
  to: 'catching_up' | 'synchronized',
  context: RunContext,
): Promise<void> =>
  asking(edge.node, edge, () =>
    advanceInit(context.metadata(edge.node), initOf(edge, context), to),
  );

const notesOf = (
  edge: ConvergingEdge,
  reading: InitReading | undefined,
  { runId, emit, clock }: RunContext,
): ProgressNotes | null =>
  reading === undefined || (!isUnderWay(reading) && reading.state !== 'failed')
    ? null
    : progressNotes({ ...edge, runId, emit, clock }, reading.progress);

/** Follows those whose initial copy is not over; notices when one that was in step has lost its slot. */
export const readOpenInits = async (
  edges: readonly ConvergingEdge[],
  context: RunContext,
): Promise<InitFollower> => {
  const readings = await readAll(edges, context);
  const followed = new Map<string, Followed>();
  const inStep = new Set<string>();
  for (const edge of edges) {
    const reading = readings.get(keyOf(edge));
    if (reading?.state === 'synchronized') inStep.add(keyOf(edge));
    const notes = notesOf(edge, reading, context);
    if (notes !== null) followed.set(keyOf(edge), { edge, notes });
  }
  return {
    open: [...followed.values()].map(({ edge }) => edge),
    see: async (edge, look) => {
      if (look.lost && inStep.delete(keyOf(edge))) await diverge(edge, look, context);
      const notes = followed.get(keyOf(edge))?.notes;
      if (notes === undefined || !look.copied || look.lost) return;
      await advance(edge, 'catching_up', context);
      const progress = atRest(notes.last(), 'catching_up');
      await notes.note(context.metadata(edge.node), { ...progress, lagBytes: look.lagBytes });
    },
    finish: async () => {
      for (const { edge, notes } of followed.values()) {
        await notes.finish(context.metadata(edge.node), 'done');
        await advance(edge, 'synchronized', context);
      }
    },
  };
};
