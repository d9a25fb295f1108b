// Which change a key asks for, from the edge under the cursor and the tables that are marked; and what is said of it first.

import { isUnderWay } from '../../../model/copy/init-reading.ts';
import { etaOf } from '../../../model/copy/pace.ts';
import { listNames } from '../../../model/listing.ts';
import type { WatchAction, WatchActionKind } from '../../../model/watch/watch-action.ts';
import type { WatchState } from '../../../model/watch/watch-state.ts';
import { edgeProgress, type WatchedEdge } from '../../../model/watch/watched-edge.ts';
import { slotGrowth, type WatchedNode, walWritten } from '../../../model/watch/watched-node.ts';
import { progressCell, rateText, secondsText, sizeText } from '../words.ts';

export const actionKeys = ['C', 'P', 'R', 'V'] as const;
export type ActionKey = (typeof actionKeys)[number];

const isInitializing = (edge: WatchedEdge): boolean =>
  edgeProgress(edge) !== null || (edge.status.init !== null && isUnderWay(edge.status.init));

type Chosen = WatchActionKind | { readonly not: string };

const choices: { readonly [K in ActionKey]: (edge: WatchedEdge, marked: number) => Chosen } = {
  C: (edge) =>
    isInitializing(edge) ? 'cancel' : { not: 'No initialization of this edge is under way.' },
  P: ({ status }) => {
    if (status.enabled === null) return { not: 'It is not known whether it is enabled.' };
    return status.enabled ? 'disable' : 'enable';
  },
  R: (_edge, marked) =>
    marked > 0
      ? 'reinitialize'
      : {
          not: 'Mark the tables first, with Space in the view Tables. All of it: steep init reset',
        },
  V: () => 'verify',
};

/** A text: why there is nothing to change. `marked`: tables of this edge. */
export const requestAction = (
  key: ActionKey,
  edge: WatchedEdge | undefined,
  marked: readonly string[],
): WatchAction | string => {
  if (edge === undefined) return 'Choose an edge first: in the view Edges, or in Tables.';
  const kind = choices[key](edge, marked.length);
  if (typeof kind !== 'string') return kind.not;
  const { node, source, subscription } = edge.status;
  if (source === null) return 'The node that it reads from is not in steep.yaml.';
  const tables = key === 'R' || key === 'V' ? marked : [];
  return { kind, node, source, subscription, tables };
};

/** What its slot keeps, and where that ends. */
const keptWal = (node: WatchedNode | undefined, slotName: string | null): readonly string[] => {
  const slot = node?.look?.slots.find(({ name }) => name === slotName);
  if (node === undefined || slot === undefined) return [];
  const { perSecond, lostIn } = slotGrowth(node, slot);
  const pace = walWritten(node) ?? perSecond;
  const limit = node.look?.walKeepBytes ?? null;
  const left = etaOf(0, slot.safeWalSize, pace) ?? lostIn;
  return [
    `Slot ${slot.name} of node ${node.name} keeps ${sizeText(slot.retainedBytes)} of WAL now. ${node.name} writes ${rateText(pace)}.`,
    limit === null
      ? 'max_slot_wal_keep_size is not set: it keeps WAL until the disk is full.'
      : `max_slot_wal_keep_size is ${sizeText(limit)}${left === null ? '' : `: at this rate the slot is lost in ${secondsText(left)}`}.`,
  ];
};

const introductions: {
  readonly [K in WatchActionKind]: (
    action: WatchAction,
    edge: WatchedEdge,
    state: WatchState,
  ) => readonly string[];
} = {
  cancel: ({ source }, edge) => [
    `The initialization from ${source} is at ${progressCell(edgeProgress(edge))}. What it has created is removed:`,
    'the plan below names it. A run that makes the copy is asked to stop, and removes it itself.',
  ],
  disable: ({ source }, { status }, { nodes }) => [
    `While it is disabled, its slot keeps all WAL that ${source} writes.`,
    ...keptWal(nodes.get(source), status.slot),
  ],
  enable: ({ source }, { status }, { nodes }) => keptWal(nodes.get(source), status.slot),
  reinitialize: ({ tables }) => [
    `These tables are emptied and copied again, the others continue: ${listNames(tables)}.`,
  ],
  verify: ({ node, source, tables }) => [
    `The rows of ${tables.length === 0 ? 'all its tables' : listNames(tables)} are compared with those of ${source}.`,
    `Both nodes are read; the result is noted in steep_repl of ${node}.`,
  ],
};

/** What the screen knows of it, before the plan. */
export const introduce = (action: WatchAction, state: WatchState): string => {
  const edge = state.edges.get(`${action.node}/${action.subscription}`);
  return edge === undefined ? '' : introductions[action.kind](action, edge, state).join('\n');
};
