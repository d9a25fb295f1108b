// The parts of a plan that are for reading: changes with their hazards, nodes, counts, observations.

import { compareText, formatName } from '../../model/identifier.ts';
import { type FoundHazard, type Hazard, severities } from '../../model/plan/hazard.ts';
import {
  hazardKey,
  type PlannedChange,
  type PlannedNode,
  type PlanObservations,
  type PlanSummary,
  type Targeting,
} from '../../model/plan/plan.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { isKind, type PlanContext, want } from '../context/context.ts';
import type { ChangeDraft } from '../draft.ts';
import { keptSlot } from '../facts/alteration.ts';
import { edgeEstimate, estimateOf, totalEstimate } from '../facts/copy-estimate.ts';
import { topologyFingerprint } from './plan-id.ts';
import { uncheckedParts } from './unchecked-parts.ts';

const bySeverity = (a: Hazard, b: Hazard): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
  compareText(a.code, b.code) ||
  compareText(a.address, b.address);

/** One of each code and address, worst first. */
const distinct = (hazards: readonly FoundHazard[]): readonly FoundHazard[] => {
  const sorted = [...hazards].sort(bySeverity);
  const first = new Map<string, FoundHazard>();
  for (const hazard of sorted) {
    if (!first.has(hazardKey(hazard))) first.set(hazardKey(hazard), hazard);
  }
  return [...first.values()];
};

const withoutSentence = ({ message: _message, ...hazard }: FoundHazard): Hazard => hazard;

/** Changes by address, each with the hazards of its address; `standing` are the hazards left over. */
export const planChanges = (
  drafts: readonly ChangeDraft[],
  found: readonly FoundHazard[],
): { readonly changes: readonly PlannedChange[]; readonly standing: readonly Hazard[] } => {
  const hazards = distinct(found);
  // What is no longer in steep.yaml and stays does not change: its hazards remain.
  const changed = new Set(
    drafts.filter(({ action }) => action !== 'left').map(({ resource }) => resource.address),
  );
  const changes = drafts
    .map(
      ({ resource, action, summary, details }): PlannedChange => ({
        address: resource.address,
        node: resource.node,
        kind: resource.kind,
        name: resource.name,
        action,
        summary,
        details,
        hazards: hazards
          .filter(({ address }) => address === resource.address && changed.has(address))
          .map(withoutSentence),
      }),
    )
    .sort((a, b) => compareText(a.address, b.address));
  const standing = hazards.filter(({ address }) => !changed.has(address)).map(withoutSentence);
  return { changes, standing };
};

export const planNodes = (desired: DesiredState, live: LiveState): readonly PlannedNode[] =>
  desired.nodes.map((node) => {
    const state = live.nodes[node.name];
    return {
      name: node.name,
      systemIdentifier: state?.server.systemIdentifier ?? null,
      timeline: state?.server.timeline ?? null,
      database: state?.server.database ?? null,
      version: state?.server.version ?? null,
      connection: node.connectionRef,
      topologyFingerprint: state === undefined ? null : topologyFingerprint(state.resources),
    };
  });

export const planSummary = (
  changes: readonly PlannedChange[],
  found: readonly FoundHazard[],
): PlanSummary => {
  const hazards = distinct(found);
  const action = (...actions: readonly PlannedChange['action'][]): number =>
    changes.filter((change) => actions.includes(change.action)).length;
  const severity = (name: Hazard['severity']): number =>
    hazards.filter((hazard) => hazard.severity === name).length;
  return {
    create: action('create'),
    change: action('change', 'adopt', 'forget'),
    replace: action('replace'),
    drop: action('drop'),
    copyTables: action('copy'),
    block: severity('block'),
    danger: severity('danger'),
    warning: severity('warning'),
    notice: severity('notice'),
  };
};

/** The copies of a plan, under way or not, by the subscription that they belong to. */
const copiesBySubscription = (drafts: readonly ChangeDraft[], context: PlanContext) => {
  const groups = new Map<ResourceOf<'subscription'>, ResourceOf<'copy'>[]>();
  for (const { resource } of drafts) {
    const copy = want(context, 'copy', resource.node, resource.name);
    if (resource.kind !== 'copy' || copy === undefined) continue;
    const sub = want(context, 'subscription', copy.node, copy.spec.subscription);
    if (sub === undefined) continue;
    const group = groups.get(sub) ?? [];
    group.push(copy);
    groups.set(sub, group);
  }
  return [...groups];
};

const estimatesOf = (
  drafts: readonly ChangeDraft[],
  context: PlanContext,
): Pick<PlanObservations, 'copies' | 'estimate'> => {
  const groups = copiesBySubscription(drafts, context);
  return {
    copies: Object.fromEntries(
      groups.flatMap(([sub, copies]) =>
        copies.map((copy) => [copy.address, estimateOf(copy, sub, context)] as const),
      ),
    ),
    estimate: totalEstimate(
      groups.map(([sub, copies]) => [sub, edgeEstimate(copies, sub, context)] as const),
    ),
  };
};

const slotsOf = (context: PlanContext) =>
  [...context.have.values()].filter(isKind('subscription')).flatMap((sub) => {
    const observed = keptSlot(sub, context)?.observed;
    // Of a lost slot nothing is kept: its WAL is gone.
    if (observed === undefined || observed === null || observed.walStatus === 'lost') return [];
    const { confirmedFlushLsn, lagBytes } = observed;
    return [[sub.address, { lsn: confirmedFlushLsn, lagBytes }] as const];
  });

const checkedTables = (context: PlanContext): number =>
  new Set(
    [...context.want.values()]
      .filter(isKind('publication'))
      .flatMap(({ node, spec }) => spec.tables.map(({ table }) => `${node} ${formatName(table)}`)),
  ).size;

/** Why nodes were not read that the plan does without. */
const unreadReasons = (
  { live }: PlanContext,
  unread: readonly NodeName[],
): Pick<PlanObservations, 'unread'> =>
  unread.length === 0
    ? {}
    : { unread: Object.fromEntries(unread.map((it) => [it, live.unreadable[it]?.detail ?? ''])) };

const uncheckedIn = (context: PlanContext): Pick<PlanObservations, 'unchecked'> => {
  const unchecked = uncheckedParts(context);
  return unchecked.length === 0 ? {} : { unchecked };
};

/** What was true when the servers were read: outside the plan's id. */
export const planObservations = (
  drafts: readonly ChangeDraft[],
  found: readonly FoundHazard[],
  context: PlanContext,
  elapsedMs: number,
  targeting?: Targeting,
): PlanObservations => ({
  readAt: context.live.readAt,
  elapsedMs,
  checked: {
    nodes: context.desired.nodes.length,
    subscriptions: context.desired.subscriptions.length,
    tables: checkedTables(context),
  },
  endpoints: Object.fromEntries(
    Object.values(context.live.nodes).map(({ node, server }) => [
      node,
      `${server.host}:${server.port}/${server.database}`,
    ]),
  ),
  hazards: Object.fromEntries(distinct(found).map((hazard) => [hazardKey(hazard), hazard.message])),
  ...estimatesOf(drafts, context),
  slots: Object.fromEntries(slotsOf(context)),
  ...unreadReasons(context, targeting?.unread ?? []),
  ...uncheckedIn(context),
});
