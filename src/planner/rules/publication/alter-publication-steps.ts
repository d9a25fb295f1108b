// Publications altered in place. A table leaves a publication for another one of the same subscription only when the other
// sends it, and the subscription reads the other and has confirmed all WAL up to then.

import canonicalize from 'canonicalize';
import { compareNames, formatName } from '../../../model/identifier.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { PublicationSpec, ResourceOf } from '../../../model/state/resource.ts';
import type { StepId } from '../../../model/step/step.ts';
import { type PlanContext, serverOf } from '../../context/context.ts';
import { nothing, type RuleResult, type StepDraft } from '../../draft.ts';
import { type MovedTables, movedTables } from '../../facts/moved-tables.ts';
import {
  differenceDetails,
  type PublicationDifference,
  publicationDifference,
  summarizeDifference,
} from '../../facts/publication-difference.ts';
import { alteredPublicationHazards } from '../../hazards/edge/publication-hazards.ts';
import { ownershipOf } from '../rule.ts';
import * as steps from '../steps.ts';
import { publicationSteps } from '../subscription/edge-steps.ts';

type Publication = ResourceOf<'publication'>;

/** Identities first: a published table without one refuses the application's own updates. */
const identitySteps = (publication: Publication): readonly StepId[] =>
  publication.spec.tables.map(({ table }) =>
    steps.setReplicaIdentity.id(addressOf(publication.node, 'identity', formatName(table))),
  );

/** What the steps of a publication that stays have in common. */
export const commonOf = (publication: Publication, why: string) => ({
  node: publication.node,
  address: publication.address,
  why,
  afterIfPlanned: identitySteps(publication),
  owns: ownershipOf(publication),
});

/**
 * A worker that has confirmed what was written after the change of its list has begun to read by the new one. `continues`:
 * the step of this publication that its readers are waited for. Who agreed to it agreed to wait for a subscription as
 * well that has begun to read the publication meanwhile.
 */
export const waitsForReaders = (
  readers: readonly ResourceOf<'subscription'>[],
  publication: string,
  continues: StepId,
): readonly StepDraft[] =>
  readers.flatMap((sub) => {
    const { address, spec } = sub;
    if (spec.source === null || spec.slot === null) return [];
    return [
      steps.waitForSlot(
        {
          node: spec.source,
          address,
          why: `it must get the tables that leave ${publication} by another publication first`,
          continues,
          afterIfPlanned: [
            ...publicationSteps(sub),
            steps.alterSubscription.id(address),
            steps.enableSubscription.id(address),
            steps.setPublications.id(address),
          ],
        },
        { slot: spec.slot, untilSlot: null, moved: true },
      ),
    ];
  });

const statementsOf = (
  { node, name }: Publication,
  difference: PublicationDifference,
  context: PlanContext,
) => {
  // A changed filter or column list is DROP and ADD of that table, in the same transaction.
  const changed = difference.changedTables;
  return {
    publication: name,
    dropTables: [...difference.removedTables, ...changed.map(({ before }) => before)].map(
      ({ table }) => table,
    ),
    addTables: [...difference.addedTables, ...changed.map(({ after }) => after)],
    dropSchemas: difference.removedSchemas,
    addSchemas: difference.addedSchemas,
    settings: difference.settings,
    lockAdded: serverOf(context, node).features.addTableNeedsLock,
  };
};

/** What the publication sends until its moved tables are known to come from another one. */
const meanwhileOf = ({ spec }: Publication, { tables }: MovedTables): PublicationSpec => ({
  ...spec,
  tables: [...spec.tables, ...tables].toSorted((a, b) => compareNames(a.table, b.table)),
});

/** Without tables that move all at once; with them what else differs first, and these tables last. */
const alterSteps = (
  live: Publication,
  desired: Publication,
  context: PlanContext,
): readonly StepDraft[] => {
  const difference = publicationDifference(live.spec, desired.spec);
  const moved = movedTables(live, difference, context);
  const meanwhile = meanwhileOf(desired, moved);
  const first = publicationDifference(live.spec, meanwhile);
  const hazards = alteredPublicationHazards(live, desired, difference, context);
  const common = commonOf(
    desired,
    `publication ${desired.name}: ${summarizeDifference(difference)}`,
  );
  const begin = steps.alterPublication(
    { ...common, hazards, owns: { ...common.owns, applied: meanwhile } },
    statementsOf(desired, first, context),
  );
  if (moved.tables.length === 0) return [begin];
  const begins = canonicalize(meanwhile) === canonicalize(live.spec) ? [] : [begin];
  const ending = steps.alterPublication.id(desired.address, 'moved');
  const waits = waitsForReaders(moved.readers, desired.name, ending);
  const end = steps.alterPublication(
    {
      ...common,
      hazards: begins.length === 0 ? hazards : [],
      after: [...begins, ...waits].map(({ id }) => id),
    },
    {
      ...statementsOf(desired, publicationDifference(meanwhile, desired.spec), context),
      moved: true,
    },
  );
  return [...begins, ...waits, end];
};

/** Plans every difference by ALTER PUBLICATION. */
export const planAlteration = (
  live: Publication,
  desired: Publication,
  context: PlanContext,
): RuleResult => {
  const difference = publicationDifference(live.spec, desired.spec);
  return {
    ...nothing,
    changes: [
      {
        resource: desired,
        action: 'change',
        summary: summarizeDifference(difference),
        details: differenceDetails(live.spec, desired.spec, difference),
      },
    ],
    steps: alterSteps(live, desired, context),
  };
};
