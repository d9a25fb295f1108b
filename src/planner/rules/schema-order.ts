// Nothing is sent to a subscriber before it has room for it: what opens a flow waits for what was added.

import type { NodeName } from '../../model/address.ts';
import type { StepKind } from '../../model/step.ts';
import type { PlanContext } from '../context.ts';
import type { StepDraft } from './rule.ts';
import { lastAddition } from './schema-steps.ts';

/** Steps of a subscriber after which something may arrive that it could not hold before. */
const opening: ReadonlySet<StepKind> = new Set([
  'copy-tables',
  'load-snapshot',
  'create-subscription',
  'enable-subscription',
  'refresh-subscription',
  'set-publications',
]);

/** Steps of a publisher after which it may send more. */
const widening: ReadonlySet<StepKind> = new Set(['alter-publication', 'replace-publication']);

const receivers = ({ kind, node }: StepDraft, context: PlanContext): readonly NodeName[] => {
  if (opening.has(kind)) return [node];
  if (!widening.has(kind)) return [];
  return context.desired.subscriptions.flatMap((sub) => (sub.source === node ? [sub.node] : []));
};

export const afterSchemas = (step: StepDraft, context: PlanContext): StepDraft => ({
  ...step,
  needs: [
    ...step.needs,
    ...receivers(step, context).flatMap((node) => lastAddition(node, context) ?? []),
  ],
});
