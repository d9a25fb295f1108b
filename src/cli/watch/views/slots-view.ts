// The view Slots and WAL: what each slot keeps, how fast that grows, and when the slot is lost.

import type { SlotLook } from '../../../model/watch/watch-event.ts';
import type { WatchState } from '../../../model/watch/watch-state.ts';
import { slotGrowth, type WatchedNode } from '../../../model/watch/watched-node.ts';
import { type Role, span } from '../screen-line.ts';
import type { Row, View } from '../table-lines.ts';
import { rateText, secondsText, sizeText } from '../words.ts';

const columns = [
  { title: 'slot', optional: 0 },
  { title: 'node', optional: 1 },
  { title: 'type', optional: 7 },
  { title: 'read', optional: 3 },
  { title: 'WAL', optional: 2 },
  { title: 'kept', optional: 0 },
  { title: 'limit', optional: 5 },
  { title: 'growth', optional: 4 },
  { title: 'lost in', optional: 0 },
  { title: 'restart position', optional: 8 },
];

const walRoles: Readonly<Record<string, Role>> = { reserved: 'good', extended: 'caution' };

const rowOf = (node: WatchedNode, slot: SlotLook): Row => {
  const { perSecond, lostIn } = slotGrowth(node, slot);
  const limit = node.look?.walKeepBytes ?? null;
  const wal = slot.walStatus ?? 'unknown';
  return {
    key: `${node.name}/${slot.name}`,
    node: node.name,
    edge: null,
    cells: [
      span(slot.name, 'bold'),
      span(node.name),
      span(slot.type),
      slot.active ? span('yes') : span('NO', 'caution'),
      walRoles[wal] === undefined ? span(wal.toUpperCase(), 'bad') : span(wal, walRoles[wal]),
      span(sizeText(slot.retainedBytes)),
      span(limit === null ? 'none' : sizeText(limit)),
      span(rateText(perSecond)),
      span(secondsText(lostIn), lostIn !== null ? 'caution' : 'plain'),
      span(slot.restartLsn ?? '-'),
    ],
    detail: [],
  };
};

/** Those that keep most first. `node`: only its own; null: all. */
export const slotsView = ({ nodes }: WatchState, node: string | null): View => ({
  columns,
  rows: [...nodes.values()]
    .filter(({ name }) => node === null || name === node)
    .flatMap((each) => (each.look?.slots ?? []).map((slot) => ({ each, slot })))
    .toSorted((a, b) => (b.slot.retainedBytes ?? 0) - (a.slot.retainedBytes ?? 0))
    .map(({ each, slot }) => rowOf(each, slot)),
  none: 'No slot.',
});
