// Publications and subscriptions that steep would take over from a role that it does not trust: the names were free before.

import { quoteIdentifier } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { have, isKind, type PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

type Owned = ResourceOf<'publication'> | ResourceOf<'subscription'>;

const power = {
  publication: 'that role decides what it sends, now and later',
  subscription:
    'that role decides what it reads and where its rows go, and gets what the password of its connection may read',
} as const;

const ownedByOther = (desired: Owned, context: PlanContext): readonly FoundHazard[] => {
  const { kind, node, name, address } = desired;
  const live = have(context, kind, node, name);
  const facts = context.live.nodes[node]?.ownership;
  if (live === undefined || live.owned || facts === undefined) return [];
  const found = facts[`${kind}s`].find((it) => it.name === name);
  const { role } = facts.metadata;
  if (found === undefined || found.ownerSuperuser || found.owner === role) return [];
  return [
    hazard(
      'danger',
      'FOREIGN_OWNER',
      address,
      `The ${kind} ${name} on node ${node} was not created by steep and belongs to role ${found.owner}: ${power[kind]}.`,
      `If it is the one that is meant, let it belong to the role of steep: ALTER ${kind.toUpperCase()} ${quoteIdentifier(name)} OWNER TO ${quoteIdentifier(role)}. If not, use another name, or drop it. Allow the hazard only if that role may do all of this.`,
    ),
  ];
};

export const foreignOwnerHazards = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()].flatMap((desired) =>
    isKind('publication')(desired) || isKind('subscription')(desired)
      ? ownedByOther(desired, context)
      : [],
  );
