// The merge that is undone: which pair of steep.yaml it was of, and both its nodes as they are.

import { readSubscriptionHealth } from '../../../catalog/edge/read-subscription-health.ts';
import { SteepError } from '../../../model/errors.ts';
import { ExitCode } from '../../../model/plan/exit-code.ts';
import { printable } from '../../../model/printable.ts';
import type { RecordedMerge } from '../../../model/report/merge.ts';
import type { MergeSide } from '../../../model/state/merge.ts';
import type { LiveState } from '../../../model/state/state.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { mergesToRead } from '../../../planner/reading/merges-to-read.ts';
import type { OpenNodes } from '../../nodes.ts';
import type { Project } from '../../project.ts';
import { mergesOf, type NamedMerge } from '../merge-pairs.ts';
import { runsOf } from '../merge-record.ts';
import { type OpenMerge, openMerge } from '../open-merge.ts';

export interface MergeToUndo extends OpenMerge {
  readonly named: NamedMerge;
  /** As both nodes have it on record. */
  readonly runs: readonly RecordedMerge[];
  /** On each node, the slot that the subscription of the other one reads. */
  readonly slots: Readonly<Record<MergeSide, string>>;
}

/** @throws SteepError USAGE (exit 64), UNDO_NOT_READY (exit 3); NODE_UNREADABLE. */
export const findMerge = async (
  runId: string,
  { desired }: Project,
  live: LiveState,
  nodes: OpenNodes,
): Promise<MergeToUndo> => {
  const all: RecordedMerge[] = [];
  for (const named of mergesOf(desired)) {
    const toRead = mergesToRead(desired, live).find(({ name }) => name === named.name) ?? null;
    const merge = await openMerge(named, { toRead, byHand: new Map() }, live, nodes);
    const recorded = await runsOf(merge);
    const runs = recorded.filter((run) => run.runId === runId);
    if (runs.length > 0) return { ...merge, named, runs, slots: await slotsOf(merge, named) };
    all.push(...recorded.filter(hasRows));
  }
  throw new SteepError(
    'USAGE',
    `No merge ${printable(runId)} is on record on the nodes of a pair of steep.yaml with init: { method: merge }.`,
    { exit: ExitCode.usage, suggestions: [...new Set(all.map((run) => run.runId))] },
  );
};

const hasRows = ({ state }: RecordedMerge): boolean => state === 'written' || state === 'completed';

/** What is written back is compared with what is on its way between the nodes: they must replicate. */
const slotsOf = async (
  { state, a, b, name }: OpenMerge,
  { forth, back }: NamedMerge,
): Promise<MergeToUndo['slots']> => {
  const start = steepCommand`steep merge start ${name}`;
  if (state !== 'merged') {
    throw notReady(name, 'its merge has not come to its end', `Finish it first: ${start}`);
  }
  const slotOf = async (end: OpenMerge['a'], subscription: string): Promise<string> => {
    const health = await readSubscriptionHealth(end.session, subscription);
    if (health?.enabled === true && health.slot !== null) return health.slot;
    const why = `subscription ${subscription} of node ${end.node} is disabled or has no slot`;
    throw notReady(name, why, 'See what it needs: steep status');
  };
  return { a: await slotOf(b, forth.name), b: await slotOf(a, back.name) };
};

const notReady = (pair: string, why: string, cure: string): SteepError =>
  new SteepError(
    'UNDO_NOT_READY',
    `The merge of pair ${pair} cannot be undone now: ${why}. Nothing was changed on either node.`,
    { exit: ExitCode.refused, suggestions: [cure] },
  );
