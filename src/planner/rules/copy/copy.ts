// Initial copies, per subscription: a refresh where PostgreSQL must look at its publications again, and the wait until
// every table is ready.

import { formatName } from '../../../model/identifier.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { desiredSubscription, type PlanContext, want } from '../../context/context.ts';
import { type ChangeDraft, combine, type RuleResult } from '../../draft.ts';
import { copyIsNew, willBeCreated } from '../../facts/edges.ts';
import { type InitialCopy, tablesOf } from '../../facts/initial-copy.ts';
import { copiesRows } from '../../facts/manual-init.ts';
import { initialCopyOf } from '../../facts/new-copy.ts';
import { copiedPair, growthOf } from '../../facts/pairs/copied-pair.ts';
import { staleCopiesHazards } from '../../hazards/copy/backfill-hazards.ts';
import { hazardsOfCopies, refreshHazards } from '../../hazards/copy/copy-hazards.ts';
import { dumpHazards } from '../../hazards/copy/dump-hazards.ts';
import { nativeInstead, nativeUnchecked } from '../../hazards/copy/native-copy-hazards.ts';
import { rangeHazards } from '../../hazards/copy/range-hazards.ts';
import { pairSequences } from '../../hazards/copy/sequence-hazards.ts';
import { copySkipped } from '../../hazards/edge/subscription-hazards.ts';
import { methodOf } from '../../init/methods/index.ts';
import type { DeltaOf, Rule } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from '../subscription/edge-steps.ts';
import { copySummaries } from './copy-summaries.ts';
import { initialCopySteps, truncateSteps } from './initial-copy-steps.ts';
import { growthSteps } from './pair-steps.ts';
import { bringsSequences, sequenceSteps, unendedCopies } from './sequence-steps.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;
type Deltas = readonly DeltaOf<'copy'>[];

const subscriptionOf = (delta: DeltaOf<'copy'>, context: PlanContext): Subscription | undefined => {
  const copy = delta.verb === 'remove' ? delta.live : delta.desired;
  return want(context, 'subscription', copy.node, copy.spec.subscription);
};

const changeOf = (copy: Copy, summary: string): ChangeDraft => ({
  resource: copy,
  action: 'copy',
  summary,
  details: [],
});

/** The steps after which a subscription reads the right publications with a running worker. */
const readyToRefresh = (sub: Subscription): readonly string[] => [
  ...publicationSteps(sub),
  steps.alterSubscription.id(sub.address),
  steps.setPublications.id(sub.address),
  steps.enableSubscription.id(sub.address),
];

/** What steep has begun to copy PostgreSQL may have to end. */
const continuing = (sub: Subscription, context: PlanContext) =>
  methodOf(sub, context)?.endedByServer === true
    ? { continues: steps.copyTables.id(sub.address) }
    : {};

const refresh = (sub: Subscription, deltas: Deltas, copies: boolean, context: PlanContext) => {
  const pair = copiedPair(sub, context);
  const names = (verb: 'add' | 'remove'): number =>
    deltas.filter((delta) => delta.verb === verb).length;
  return steps.refreshSubscription(
    {
      node: sub.node,
      address: sub.address,
      why: `the publications of ${sub.name} send other tables than it knows (${names('add')} new, ${names('remove')} gone)`,
      afterIfPlanned: [
        ...readyToRefresh(sub),
        ...(pair === null ? [] : [steps.refreshWhileEmpty.id(pair.back.address)]),
      ],
      ...(copies ? continuing(sub, context) : {}),
      hazards: refreshHazards(sub, copies && names('add') > 0, context),
    },
    { subscription: sub.name, copyData: copies },
  );
};

const wait = (sub: Subscription, count: number, context: PlanContext) =>
  steps.waitForCopy(
    {
      node: sub.node,
      address: sub.address,
      why: `${count} ${count === 1 ? 'table is' : 'tables are'} not ready yet`,
      ...continuing(sub, context),
      afterIfPlanned: [
        steps.createSubscription.id(sub.address),
        steps.refreshSubscription.id(sub.address),
        ...readyToRefresh(sub),
      ],
    },
    { subscription: sub.name },
  );

/** New tables of a running pair: the way back takes them in by a step of its own, before they are copied. */
const pairGrowth = (sub: Subscription, context: PlanContext) => {
  const pair = copiedPair(sub, context);
  const growth = pair === null ? null : growthOf(pair, context);
  if (pair === null || growth === null) return { tables: new Set(), refreshes: false, steps: [] };
  const isBack = pair.back.address === sub.address;
  return {
    tables: new Set(isBack ? growth.tables.map(formatName) : []),
    refreshes: isBack && !growth.admitted,
    steps: isBack ? [] : growthSteps(pair, growth, context),
  };
};

/** What is left for PostgreSQL to copy, where steep copies. */
const nativePart = (first: InitialCopy, copies: readonly Copy[]): readonly Copy[] => {
  if (first.way !== 'continue') return [];
  const finished = new Set(first.finished.map(formatName));
  return copies.filter(({ spec }) => !finished.has(formatName(spec.table)));
};

/** A new subscription that steep fills, or had begun to. */
const planOwn = (
  sub: Subscription,
  copies: readonly Copy[],
  first: InitialCopy,
  context: PlanContext,
): RuleResult => {
  const native = nativePart(first, copies);
  const summaryOf = copySummaries(sub, first, native, context);
  const workers = desiredSubscription(context, sub.node, sub.name)?.copyWorkers ?? null;
  return {
    changes: copies.map((copy) => changeOf(copy, summaryOf(copy))),
    steps: [
      ...initialCopySteps(sub, first, context),
      ...(native.length > 0 ? [wait(sub, native.length, context)] : []),
      // A copy by steep that begins now ends with them.
      ...(first.way === 'continue' || first.way === 'snapshot'
        ? sequenceSteps(sub, tablesOf(sub, context), context)
        : []),
    ],
    hazards:
      first.way === 'continue'
        ? [
            ...hazardsOfCopies(native, sub, null, context),
            ...nativeUnchecked(native, [], sub, context),
          ]
        : [
            ...hazardsOfCopies(copies, sub, workers, context),
            ...dumpHazards(copies, sub, context),
            ...(first.way === 'snapshot' ? [] : rangeHazards(copies, sub, context)),
          ],
  };
};

/** Initialized again, alone or with its whole subscription. */
const isAgain = ({ node, spec }: Copy, { reinits, whole }: PlanContext): boolean =>
  whole.emptied.has(addressOf(node, 'subscription', spec.subscription)) ||
  reinits.some(
    ({ sub, tables }) =>
      sub.node === node &&
      sub.name === spec.subscription &&
      tables.some((name) => formatName(name) === formatName(spec.table)),
  );

const nativeChanges = (
  starting: readonly Copy[],
  running: readonly Copy[],
  context: PlanContext,
): readonly ChangeDraft[] => [
  ...starting.map((copy) =>
    changeOf(
      copy,
      isAgain(copy, context) ? 'copied again by PostgreSQL' : 'initial copy by PostgreSQL',
    ),
  ),
  ...running.map((copy) => changeOf(copy, 'initial copy by PostgreSQL, running')),
];

/** By PostgreSQL, or not at all; also of a subscription that is there already. */
const planNative = (sub: Subscription, deltas: Deltas, context: PlanContext): RuleResult => {
  const asked = desiredSubscription(context, sub.node, sub.name);
  const created = willBeCreated(sub, context);
  const copies = copiesRows(asked, created);
  const added = deltas.flatMap((delta) => (delta.verb === 'add' ? [delta.desired] : []));
  const removed = deltas.flatMap((delta) => (delta.verb === 'remove' ? [delta.live] : []));
  const known = deltas.flatMap((delta) => (delta.verb === 'change' ? [delta.desired] : []));
  const starting = [...(copies ? added : []), ...known.filter((copy) => copyIsNew(copy, context))];
  const running = known.filter((copy) => !copyIsNew(copy, context));
  const growth = pairGrowth(sub, context);
  const left = added.filter((copy) => !growth.tables.has(formatName(copy.spec.table)));
  const refreshes = !created && !growth.refreshes && added.length + removed.length > 0;
  const skipped = !copies && !created && left.length > 0;
  const waits = starting.length + running.length;
  return {
    changes: nativeChanges(starting, running, context),
    steps: [
      ...growth.steps,
      ...(refreshes ? [refresh(sub, deltas, copies, context)] : []),
      ...(waits > 0
        ? [
            wait(sub, waits, context),
            ...sequenceSteps(
              sub,
              [...starting, ...running].map(({ spec }) => spec.table),
              context,
            ),
          ]
        : []),
    ],
    hazards: [
      ...hazardsOfCopies(starting, sub, null, context),
      ...nativeUnchecked(starting, running, sub, context),
      ...(skipped ? [copySkipped(sub)] : []),
      ...pairSequences(added, sub, context),
      ...staleCopiesHazards(removed, sub, context),
    ],
  };
};

const planOne = (sub: Subscription, deltas: Deltas, context: PlanContext): RuleResult => {
  if (!willBeCreated(sub, context)) return planNative(sub, deltas, context);
  const first = initialCopyOf(sub, context);
  if (first.way === 'none') return planNative(sub, deltas, context);
  if (first.way !== 'native') {
    const copies = deltas.flatMap((delta) => (delta.verb === 'remove' ? [] : [delta.desired]));
    return planOwn(sub, copies, first, context);
  }
  const result = planNative(sub, deltas, context);
  return {
    ...result,
    // Of --force PostgreSQL's own copy knows nothing.
    steps: [
      ...(context.whole.emptied.has(sub.address) ? truncateSteps(sub, context) : []),
      ...result.steps,
    ],
    hazards: [...result.hazards, ...nativeInstead(sub, first.instead)],
  };
};

export const copyRule: Rule<'copy'> = (deltas, context) => {
  const groups = new Map<Subscription, DeltaOf<'copy'>[]>();
  for (const delta of deltas) {
    const sub = subscriptionOf(delta, context);
    if (sub === undefined) continue;
    const group = groups.get(sub) ?? [];
    group.push(delta);
    groups.set(sub, group);
  }
  const planned = [...groups].map(([sub, group]) => ({ sub, ...planOne(sub, group, context) }));
  const bringing = planned.filter(({ steps }) => steps.some(bringsSequences)).map(({ sub }) => sub);
  return combine([...planned, ...unendedCopies(new Set(bringing), context)]);
};
