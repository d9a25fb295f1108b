// Renames as steps: ALTER … RENAME first, then whatever else the file asks of the object under its new name.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { Renaming } from '../../../model/state/state.ts';
import type { StepId } from '../../../model/step/step.ts';
import { have, type PlanContext, serverOf } from '../../context/context.ts';
import type { ChangeDraft, RuleResult, StepDraft } from '../../draft.ts';
import { publicationAliasesToDrop, readersOfName } from '../../facts/publication-alias.ts';
import { renamedPublicationHazards } from '../../hazards/edge/rename-hazards.ts';
import * as steps from '../steps.ts';
import { publicationAliasSteps } from './publication-alias-steps.ts';
import { writtenTables } from './written-tables.ts';

const common = (
  { node, toAddress, from, to, kind, source }: Renaming,
  hazards: readonly FoundHazard[],
) => ({
  node,
  address: toAddress,
  why: `${kind} ${from} is now called ${to}, according to ${source}`,
  hazards,
});

const publicationStep = (
  renaming: Renaming,
  live: ResourceOf<'publication'>,
  context: PlanContext,
): StepDraft => {
  const { node, from, to, fromAddress } = renaming;
  const isRead = readersOfName(node, from, context).length > 0;
  return steps.renamePublication(
    common(renaming, renamedPublicationHazards(renaming, live, context)),
    {
      publication: from,
      to,
      fromAddress,
      alias: isRead ? live.spec : null,
      withGeneratedColumns: serverOf(context, node).features.publishGeneratedColumns,
      locks: isRead ? writtenTables(live.spec, node, context) : [],
    },
  );
};

const renameStep = (renaming: Renaming, context: PlanContext): readonly StepDraft[] => {
  const { node, kind, from, to, fromAddress } = renaming;
  if (kind === 'subscription') {
    return [
      steps.renameSubscription(common(renaming, []), { subscription: from, to, fromAddress }),
    ];
  }
  const live = have(context, 'publication', node, to);
  return live === undefined ? [] : [publicationStep(renaming, live, context)];
};

const renameId = ({ kind, toAddress }: Renaming): StepId =>
  kind === 'subscription'
    ? steps.renameSubscription.id(toAddress)
    : steps.renamePublication.id(toAddress);

/** One change for the rename and what goes with it. */
const mergeChange = (
  changes: readonly ChangeDraft[],
  renaming: Renaming,
): readonly ChangeDraft[] => {
  const { node, kind, to, from, toAddress } = renaming;
  const name = { field: 'name', before: from, after: to };
  const other = changes.find(({ resource }) => resource.address === toAddress);
  const summary = ['renamed', ...(other === undefined ? [] : [other.summary])].join(', ');
  const merged: ChangeDraft = {
    resource: { node, kind, name: to, address: toAddress },
    action: other?.action ?? 'change',
    summary,
    details: [name, ...(other?.details ?? [])],
  };
  return [...changes.filter((change) => change !== other), merged];
};

/** A publication alias of an earlier run that goes now; one that this plan makes and drops is no change. */
const publicationAliasChanges = (context: PlanContext): readonly ChangeDraft[] =>
  publicationAliasesToDrop(context)
    .filter(({ isNew }) => !isNew)
    .map(({ node, name, address, to }) => ({
      resource: { node, kind: 'publication', name, address },
      action: 'drop',
      summary: `temporary publication for ${to}, its new name`,
      details: [],
    }));

/** What the rules planned, with the renames before it and the end of publication aliases after it. */
export const withRenames = (result: RuleResult, context: PlanContext): RuleResult => {
  const { renames } = context;
  const first = new Map(renames.map((renaming) => [renaming.toAddress, renameId(renaming)]));
  const planned = result.steps.map((step) => {
    const before = first.get(step.address);
    return before === undefined ? step : { ...step, needs: [...step.needs, before] };
  });
  const renaming = renames.flatMap((entry) => renameStep(entry, context));
  return {
    changes: [...renames.reduce(mergeChange, result.changes), ...publicationAliasChanges(context)],
    steps: [...renaming, ...planned, ...publicationAliasSteps(planned, context)],
    hazards: result.hazards,
  };
};
