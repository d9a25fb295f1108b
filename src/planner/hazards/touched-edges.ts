// What is wrong with the edges that a plan touches; of one that nothing touches, what was not so when steep last applied.

import type { FoundHazard } from '../../model/plan/hazard.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { isKind, type PlanContext } from '../context/context.ts';
import type { StepDraft } from '../draft.ts';
import { combinedHazards } from './combined/combined-publications.ts';
import { edgeSettingHazards } from './edge/edge-settings.ts';
import { faultHazards } from './edge/live-faults.ts';
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
  const isTouched = ({ address, spec }: ResourceOf<'subscription'>): boolean =>
    [address, ...spec.publications.map((name) => `${spec.source}/publication.${name}`)].some((it) =>
      touched.has(it),
    );
  return [...context.want.values()]
    .filter(isKind('subscription'))
    .flatMap((sub) =>
      isTouched(sub)
        ? [
            ...schemaMismatch(sub, context),
            ...combinedHazards(sub, context),
            ...returningTableHazards(sub, context),
            ...tableTrapHazards(sub, context),
            ...edgeSettingHazards(sub, context),
            ...faultHazards(sub, context).filter(({ code }) => code === 'CHILDREN_UNSENT'),
          ]
        : faultHazards(sub, context),
    );
};
