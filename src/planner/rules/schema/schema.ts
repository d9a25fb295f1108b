// Schemas of subscribers, with `schema_sync: auto`: what is added comes before the publisher sends it, what
// is taken away after the subscriber has applied all that still needs it.

import type { ChangeDetail } from '../../../model/plan/plan.ts';
import type { SchemaStatement } from '../../../model/schema/schema-change.ts';
import { addressOf, type NodeName } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { type ChangeDraft, combine, type RuleResult, type StepDraft } from '../../draft.ts';
import { refusedStatements, schemaOrderHazards } from '../../hazards/schema/schema-hazards.ts';
import * as steps from '../steps.ts';
import { addressIn, chain, groupsIn } from './schema-steps.ts';

type Subscription = ResourceOf<'subscription'>;

/** The edges into a node that send something already. */
const flowingInto = (node: NodeName, context: PlanContext): readonly Subscription[] =>
  [...context.want.values()]
    .filter(isKind('subscription'))
    .filter(
      (sub) => sub.node === node && have(context, 'subscription', node, sub.name) !== undefined,
    );

const waitStep = (
  sub: Subscription,
  after: readonly StepId[],
  renames: boolean,
): readonly StepDraft[] => {
  const { source, slot } = sub.spec;
  if (source === null || slot === null) return [];
  const why = renames
    ? `${sub.address} must have applied all changes that have the old names`
    : `${sub.address} must have applied all changes that need what is dropped`;
  return [
    steps.waitForSlot(
      { node: source, address: sub.address, why, afterIfPlanned: after },
      { slot, untilSlot: null, ...(renames && { orStopped: true as const }) },
    ),
  ];
};

const details = (statements: readonly SchemaStatement[]): readonly ChangeDetail[] =>
  [...Map.groupBy(statements, ({ part }) => part)].flatMap(([part, own]) => {
    if (part === null) return [];
    const renames = own.flatMap((it) => it.renames ?? []);
    if (renames.length > 0) return renames.map((after) => ({ field: 'renames', after }));
    const verbs = new Set(own.map(({ verb }) => verb));
    if (verbs.has('create')) return [{ field: 'adds', after: part }];
    return [{ field: verbs.has('drop') ? 'drops' : 'changes', after: part }];
  });

const changeOf = (
  node: NodeName,
  statements: readonly SchemaStatement[],
): readonly ChangeDraft[] => {
  const [first] = statements;
  if (first === undefined) return [];
  const { object } = first;
  const isNew = statements.some(({ verb, part }) => verb === 'create' && part === null);
  return [
    {
      resource: { node, kind: object.kind, name: object.name, address: addressIn(node, object) },
      action: isNew ? 'create' : 'change',
      summary: isNew ? 'as on the publisher' : 'in line with the publisher',
      details: isNew ? [] : details(statements),
    },
  ];
};

const changesOf = (
  node: NodeName,
  statements: readonly SchemaStatement[],
): readonly ChangeDraft[] => {
  const byAddress = Map.groupBy(statements, ({ object }) => addressIn(node, object));
  return [...byAddress.values()].flatMap((own) => changeOf(node, own));
};

/** Where rows are emptied for a new copy, they are gone before: former rows need not fit what the tables become. */
const emptied = (edges: readonly Subscription[], { whole }: PlanContext): readonly StepId[] =>
  edges
    .filter(({ address }) => whole.replaced.has(address))
    .map(({ address }) => steps.truncateTables.id(address));

const planNode = (node: NodeName, context: PlanContext): RuleResult => {
  const { statements = [], refused = [] } = context.live.alignments?.[node] ?? {};
  const blocks = [...Map.groupBy(refused, ({ object }) => addressIn(node, object))].map(
    ([address, own]) => refusedStatements(node, address, own),
  );
  const flowing = flowingInto(node, context);
  const first = emptied(flowing, context);
  // One that is replaced never applies what is left in its slot.
  const edges = flowing.filter(({ address }) => !context.whole.replaced.has(address));
  const added = chain(node, groupsIn(node, 'before', context), first, context);
  const renamed = phaseAfterWait(node, 'renames', added, edges, context);
  const taken = phaseAfterWait(node, 'after', [...added, ...renamed], edges, context);
  return {
    changes: changesOf(node, statements),
    steps: [...added, ...renamed, ...taken],
    hazards: [...blocks, ...schemaOrderHazards(edges, statements)],
  };
};

/** Each edge has applied what was sent before; `done`: the steps of earlier phases. */
const phaseAfterWait = (
  node: NodeName,
  phase: 'renames' | 'after',
  done: readonly StepDraft[],
  edges: readonly Subscription[],
  context: PlanContext,
): readonly StepDraft[] => {
  const groups = groupsIn(node, phase, context);
  if (groups.length === 0) return [];
  const last =
    done.length === 0
      ? emptied(flowingInto(node, context), context)
      : done.slice(-1).map(({ id }) => id);
  const renames = phase === 'renames';
  const waits = edges.flatMap((sub) =>
    waitStep(sub, renames ? last : [...last, ...publishing(sub)], renames),
  );
  return [...waits, ...chain(node, groups, [...last, ...waits.map(({ id }) => id)], context)];
};

/** The steps that change what an edge sends. */
const publishing = (sub: Subscription): readonly StepId[] =>
  sub.spec.publications.flatMap((name) => {
    const address = addressOf(sub.spec.source ?? '', 'publication', name);
    return [steps.alterPublication.id(address), steps.replacePublication.id(address)];
  });

/** What brings the subscribers in line. */
export const planSchemas = (context: PlanContext): RuleResult =>
  combine(Object.keys(context.live.alignments ?? {}).map((node) => planNode(node, context)));
