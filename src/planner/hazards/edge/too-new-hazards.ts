// Slots whose subscription reads publications that did not exist yet at their position, where no plan can help.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { shellWord } from '../../../model/shell-word.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { TooNew } from '../../../model/state/too-new.ts';
import { have, isKind, type PlanContext, serverOf } from '../../context/context.ts';
import { willBeCreated } from '../../facts/edges.ts';
import { mendable } from '../../too-new/as-formerly.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

const effectOf = ({ source }: TooNew, context: PlanContext): string =>
  serverOf(context, source).features.skipsMissingPublications
    ? 'PostgreSQL would skip the changes from that position on, without an error'
    : 'PostgreSQL cannot read the changes from that position on, and fails repeatedly';

const copyAgain = ({ address }: Subscription): string =>
  `Otherwise changes are lost, and the tables must be copied again: --reinit ${shellWord(address)}`;

const remedyOf = (sub: Subscription, found: TooNew, context: PlanContext): string => {
  const { source, publications, tooNew, former } = found;
  if (former !== null) {
    return `First apply a steep.yaml in which ${sub.name} has the publications ${publications.join(', ')} and is otherwise unchanged.`;
  }
  const { skipsMissingPublications } = serverOf(context, source).features;
  if (sub.spec.options.two_phase === 'true' && !skipsMissingPublications) {
    return `Copy the tables again: --reinit ${shellWord(sub.address)}. With two_phase, steep cannot continue with a former name before PostgreSQL 18.`;
  }
  const [name = 'NAME'] = tooNew;
  return `If the publication was renamed, declare that in renamed, and plan again: { from: ${source}/publication.FORMER_NAME, to: ${source}/publication.${name} }. ${copyAgain(sub)}`;
};

const blocked = (sub: Subscription, found: TooNew, context: PlanContext): FoundHazard =>
  hazard(
    'block',
    'PUBLICATION_TOO_NEW',
    sub.address,
    `Slot ${found.slot} on node ${found.source} is at a position at which publication ${listNames(found.tooNew)} did not exist yet: it was created or renamed later. ${effectOf(found, context)}.`,
    remedyOf(sub, found, context),
  );

/** One for each subscription of the file that is to run, and that this plan neither repairs nor re-creates. */
export const tooNewHazards = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
    const found = context.live.tooNew?.[sub.address];
    const live = have(context, 'subscription', sub.node, sub.name);
    if (found === undefined || live === undefined || !sub.spec.enabled) return [];
    if (willBeCreated(sub, context) || mendable(sub, context) !== null) return [];
    return [blocked(sub, found, context)];
  });
