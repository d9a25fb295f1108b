// What is wrong with the edges that a plan touches: one that nothing touches is the business of drift.

import type { FoundHazard } from '../../model/plan/hazard.ts';
import { isKind, type PlanContext } from '../context/context.ts';
import type { StepDraft } from '../draft.ts';
import { combinedHazards } from './combined/combined-publications.ts';
import { edgeSettingHazards } from './edge/edge-settings.ts';
import { returningTableHazards } from './edge/returning-tables.ts';
import { schemaMismatch } from './schema/schema-mismatch.ts';
import { tableTrapHazards } from './schema/table-traps.ts';

/** A step that only takes ownership touches no edge. */
export const touchedEdgeHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const touching = steps.filter(({ kind }) => kind !== 'record-ownership');
  const touched = new Set(touching.map(({ address }) => address));
  return [...context.want.values()]
    .filter(isKind('subscription'))
    .filter(({ address, spec }) =>
      [address, ...spec.publications.map((name) => `${spec.source}/publication.${name}`)].some(
        (it) => touched.has(it),
      ),
    )
    .flatMap((sub) => [
      ...schemaMismatch(sub, context),
      ...combinedHazards(sub, context),
      ...returningTableHazards(sub, context),
      ...tableTrapHazards(sub, context),
      ...edgeSettingHazards(sub, context),
    ]);
};
