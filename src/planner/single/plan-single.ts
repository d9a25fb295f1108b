// The steps of one change: those of the rules, without ownership, since no line of steep.yaml asks for them.

import type { SingleChange } from '../../model/plan/single-change.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import { metadataSchema, metadataVersion } from '../../model/state/metadata-version.ts';
import type { StepKind } from '../../model/step/step.ts';
import { desiredResource } from '../complete/desired-resource.ts';
import type { PlanContext } from '../context/context.ts';
import { deltasIn } from '../deltas.ts';
import { combine, nothing, type RuleResult, type StepDraft } from '../draft.ts';
import { singleHazards } from '../hazards/edge/single-hazards.ts';
import { planCancels } from '../rules/copy/cancel.ts';
import { planDeltas } from '../rules/index.ts';
import { metadataRule } from '../rules/metadata/metadata.ts';
import { requestedSteps } from './requested-steps.ts';

/** The rule of nodes would register with the priority alone: requestedSteps() does it. */
const differences = ({ verb }: SingleChange, context: PlanContext): RuleResult => {
  if (verb === 'register') return nothing;
  return verb === 'cancel' ? planCancels(context) : planDeltas(deltasIn(context), context);
};

const onlyOwnership: ReadonlySet<string> = new Set(['adopt', 'forget', 'left']);

/** Nothing is managed that was not, and what is managed stays on record as steep.yaml had it: so the next plan can tell. */
const withoutOwnership = ({ changes, steps, hazards }: RuleResult, keeps: boolean): RuleResult => ({
  changes: changes.filter(({ action }) => !onlyOwnership.has(action)),
  steps: steps
    .filter(({ kind }) => kind !== 'record-ownership')
    .map((step): StepDraft => (keeps ? step : { ...step, owns: null, forgets: [] })),
  hazards: [
    ...hazards,
    ...steps.filter(({ kind }) => kind === 'record-ownership').flatMap((step) => step.hazards),
  ],
});

/** They keep a record of an initial copy, or of a node: worth installing steep_repl for. */
const recording: ReadonlySet<StepKind> = new Set([
  'register-node',
  'create-subscription',
  'copy-tables',
  'load-snapshot',
  'refresh-subscription',
  'wait-for-copy',
]);

const versionOn = (node: NodeName, { have }: PlanContext): number => {
  const live = have.get(addressOf(node, 'metadata', metadataSchema));
  return live?.kind === 'metadata' ? live.spec.version : 0;
};

/** steep_repl of these nodes, where a step needs it, or writes to one of an older version. */
const metadataOf = (
  nodes: ReadonlySet<NodeName>,
  needing: ReadonlySet<NodeName>,
  context: PlanContext,
): RuleResult =>
  combine(
    [...nodes].map((node) => {
      const installed = versionOn(node, context);
      if (installed === metadataVersion || (installed === 0 && !needing.has(node))) {
        return { changes: [], steps: [], hazards: [] };
      }
      const desired = desiredResource('metadata', node, metadataSchema, {
        version: metadataVersion,
      });
      const live = context.have.get(addressOf(node, 'metadata', metadataSchema));
      return metadataRule(
        live?.kind === 'metadata'
          ? [{ verb: 'change', live, desired, fields: ['version'] }]
          : [{ verb: 'add', desired }],
        context,
      );
    }),
  );

/** How far tables are that are copied again is part of what is on record of their subscription. */
const remembersInOwnership = (change: SingleChange): boolean =>
  change.verb === 'reset' && !change.full;

const withRecords = (result: RuleResult, keeps: boolean, context: PlanContext): RuleResult => {
  const nodes = new Set(result.steps.map(({ node }) => node));
  const needing = new Set(
    result.steps.filter(({ kind }) => keeps || recording.has(kind)).map(({ node }) => node),
  );
  const metadata = metadataOf(nodes, needing, context);
  const steps = result.steps.map((step): StepDraft => {
    const isKept = versionOn(step.node, context) > 0 || needing.has(step.node);
    return isKept ? step : { ...step, unrecorded: true };
  });
  return combine([metadata, { ...result, steps }]);
};

/** Changes, steps and hazards of one change, unordered. */
export const planSingle = (change: SingleChange, context: PlanContext): RuleResult => {
  const planned = combine([differences(change, context), requestedSteps(change, context)]);
  const keeps = remembersInOwnership(change);
  const result = withoutOwnership(planned, keeps);
  const changed: ReadonlySet<Address> = new Set([
    ...result.changes.map(({ resource }) => resource.address),
    ...result.steps.map(({ address }) => address),
  ]);
  return withRecords(
    { ...result, hazards: [...result.hazards, ...singleHazards(change, changed, context)] },
    keeps,
    context,
  );
};
