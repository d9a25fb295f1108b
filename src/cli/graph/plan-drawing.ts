// The topology with what a plan does to it: last lines on each box and arrow, and its colour.

import { plural } from '../../model/listing.ts';
import type { Hazard } from '../../model/plan/hazard.ts';
import type { ChangeAction, Plan, PlannedChange, PlannedNode } from '../../model/plan/plan.ts';
import type { GraphEdge, TopologyGraph } from '../../model/report/graph.ts';
import { addressOf } from '../../model/state/address.ts';
import { symbols } from '../render/plan/render-change.ts';
import { groupCopies, renderSize } from '../render/plan/render-copies.ts';
import { allHazards, isSevere, severityWord } from '../render/plan/render-hazard.ts';
import { actionWords } from '../render/plan/render-summary.ts';
import { type Drawing, drawingOf, type Tone } from './drawing.ts';

interface Mark {
  /** The last has the colour. */
  readonly lines: readonly string[];
  readonly tone: Tone;
}

/** The boxes and arrows of `graph`, marked with the changes of `plan`. */
export const planDrawing = (graph: TopologyGraph, plan: Plan): Drawing => {
  const drawing = drawingOf(graph);
  const marks = edgeMarks(plan);
  return {
    ...drawing,
    boxes: drawing.boxes.map((box, index) => {
      const name = graph.nodes[index]?.name;
      return name === undefined ? box : withMark(box, nodeMark(name, plan));
    }),
    arrows: drawing.arrows.map((arrow, index) => {
      const edge = graph.edges[index];
      return edge === undefined ? arrow : withMark(arrow, marks(edge));
    }),
  };
};

const withMark = <T extends { readonly lines: readonly string[]; readonly tone: Tone }>(
  shape: T,
  { lines, tone }: Mark,
): T => ({ ...shape, lines: [...shape.lines, ...lines], tone });

const tones: Readonly<Record<ChangeAction, Tone>> = {
  create: 'good',
  change: 'caution',
  replace: 'bad',
  drop: 'bad',
  copy: 'caution',
  adopt: 'plain',
  forget: 'plain',
  left: 'plain',
};

const still: Mark = { lines: ['no change'], tone: 'plain' };

/** Nothing is decided about an edge while one of its ends cannot be read. */
const unknown: Mark = { lines: ['UNKNOWN'], tone: 'bad' };

const isUnread = ({ systemIdentifier }: PlannedNode): boolean => systemIdentifier === null;

/** What happens to a subscription, to the tables that it copies, and how dangerous that is. */
const edgeMarks = (plan: Plan): ((edge: GraphEdge) => Mark) => {
  const changes = new Map(plan.changes.map((change) => [change.address, change]));
  const copies = groupCopies(plan.changes.filter(({ action }) => action === 'copy'));
  // The worst comes first, and so is put in last.
  const severe = allHazards(plan).filter(isSevere).toReversed();
  const worst = new Map(severe.map((hazard) => [hazard.address, hazard]));
  const unread = new Set(plan.nodes.filter(isUnread).map(({ name }) => name));
  return ({ from, to, subscription }) => {
    const address = addressOf(to, 'subscription', subscription);
    const lines = [
      ...copyLine(copies.get(address) ?? [], plan),
      ...actionLine(changes.get(address), worst.get(address)),
    ];
    if (lines.length === 0) return unread.has(to) || unread.has(from ?? to) ? unknown : still;
    return {
      lines,
      tone: worst.has(address) ? 'bad' : tones[changes.get(address)?.action ?? 'copy'],
    };
  };
};

const copyLine = (copies: readonly PlannedChange[], plan: Plan): readonly string[] =>
  copies.length === 0
    ? []
    : [`${symbols.copy} copy ${plural(copies.length, 'table')}, ${renderSize(copies, plan)}`];

const actionLine = (
  change: PlannedChange | undefined,
  worst: Hazard | undefined,
): readonly string[] => {
  const done =
    change === undefined ? [] : [`${symbols[change.action]} ${actionWords[change.action]}`];
  const parts = [...done, ...(worst === undefined ? [] : [severityWord(worst.severity)])];
  return parts.length === 0 ? [] : [parts.join(', ')];
};

/** How much changes on a node, a line each: `+ 1 to create`, `~ 2 to change`. */
const nodeMark = (name: string, plan: Plan): Mark => {
  const node = plan.nodes.find((it) => it.name === name);
  if (node !== undefined && isUnread(node)) return { lines: ['NOT READ'], tone: 'bad' };
  const own = plan.changes.filter((it) => it.node === name);
  const actions = [...new Set(own.map(({ action }) => action))];
  const lines = actions.map((action) => {
    const count = own.filter((it) => it.action === action).length;
    return `${symbols[action]} ${count} ${action === 'left' ? actionWords.left : `to ${action}`}`;
  });
  const [only] = actions;
  if (only === undefined) return still;
  return { lines, tone: actions.length === 1 ? tones[only] : 'caution' };
};
