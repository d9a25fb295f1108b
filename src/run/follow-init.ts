// The initial copy of an edge while the edge converges: its state moves on with what is seen, and its lag is told.

import { readInits } from '../catalog/copies/read-inits.ts';
import type { RunContext } from '../executors/executor.ts';
import { type ProgressNotes, progressNotes } from '../metadata/init/init-progress.ts';
import { advanceInit, divergeInit } from '../metadata/init/init-state.ts';
import { atRest } from '../model/copy/init-progress.ts';
import { type InitReading, isUnderWay } from '../model/copy/init-reading.ts';
import { addressOf, type NodeName } from '../model/state/address.ts';
import { steepCommand } from '../model/steep-command.ts';
import { asking, type ConvergingEdge, type EdgeLook } from './look-at-edge.ts';

export interface InitFollower {
  /** Edges whose initial copy is not over. */
  readonly open: readonly ConvergingEdge[];
  readonly see: (edge: ConvergingEdge, look: EdgeLook) => Promise<void>;
  /** What it lacks for good, however well it works by now; null: nothing that is on record. */
  readonly missing: (edge: ConvergingEdge) => string | null;
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

const reasonOf = ({ subscription }: ConvergingEdge, { behind }: EdgeLook): string =>
  `${behind ?? `the slot of ${subscription} is lost`}: changes are lost, and a new initial copy is needed.`;

const divergedFor = ({ node, subscription }: ConvergingEdge, error: string | null): string => {
  const address = addressOf(node, 'subscription', subscription);
  const command = steepCommand`steep apply --reinit ${address}`;
  const seen = error === null ? '' : ` When it was seen: ${error}`;
  return `${address}: changes are lost since an earlier fault, and only a new initial copy brings them: ${command}.${seen}`;
};

const initOf = ({ node, subscription }: ConvergingEdge, { runId, emit }: RunContext) => ({
  node,
  subscription,
  runId,
  emit,
});

const diverge = (edge: ConvergingEdge, look: EdgeLook, context: RunContext): Promise<void> =>
  asking(edge.node, edge, () =>
    divergeInit(context.metadata(edge.node), {
      ...initOf(edge, context),
      error: reasonOf(edge, look),
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

/** Follows those whose initial copy is not over; notices when one that was in step has lost changes. */
export const readOpenInits = async (
  edges: readonly ConvergingEdge[],
  context: RunContext,
): Promise<InitFollower> => {
  const readings = await readAll(edges, context);
  const followed = new Map<string, Followed>();
  const inStep = new Set<string>();
  const diverged = new Map<string, string>();
  for (const edge of edges) {
    const reading = readings.get(keyOf(edge));
    if (reading?.state === 'synchronized') inStep.add(keyOf(edge));
    if (reading?.state === 'diverged') diverged.set(keyOf(edge), divergedFor(edge, reading.error));
    const notes = notesOf(edge, reading, context);
    if (notes !== null) followed.set(keyOf(edge), { edge, notes });
  }
  return {
    open: [...followed.values()].map(({ edge }) => edge),
    see: async (edge, look) => {
      const wasInStep = look.lost && inStep.delete(keyOf(edge));
      if (wasInStep || (look.setBack && followed.delete(keyOf(edge)))) {
        await diverge(edge, look, context);
        diverged.set(keyOf(edge), divergedFor(edge, reasonOf(edge, look)));
      }
      const notes = followed.get(keyOf(edge))?.notes;
      if (notes === undefined || !look.copied || look.lost) return;
      await advance(edge, 'catching_up', context);
      const progress = atRest(notes.last(), 'catching_up');
      await notes.note(context.metadata(edge.node), { ...progress, lagBytes: look.lagBytes });
    },
    missing: (edge) => diverged.get(keyOf(edge)) ?? null,
    finish: async () => {
      for (const { edge, notes } of followed.values()) {
        await notes.finish(context.metadata(edge.node), 'done');
        await advance(edge, 'synchronized', context);
      }
    },
  };
};
