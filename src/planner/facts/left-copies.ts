// Interrupted copies of steep that no subscription of the file continues.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { addressOf } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { UnfinishedCopy } from '../../model/state/state.ts';
import { desiredResource } from '../complete/desired-resource.ts';
import { desiredSubscription, type PlanContext } from '../context/context.ts';
import { type RemovalPolicy, removalPolicyOf } from './removal-policy.ts';

export interface LeftCopy {
  /** As the copy had begun it, as far as that is on record. */
  readonly sub: ResourceOf<'subscription'>;
  readonly unfinished: UnfinishedCopy;
}

/** Tables with rows of an interrupted copy, or with indexes and constraints that it deferred. */
export const coveredTables = ({
  filled,
  deferred = [],
}: UnfinishedCopy): readonly QualifiedName[] => [
  ...new Map([...filled, ...deferred].map((table) => [formatName(table), table])).values(),
];

/** Every interrupted copy into any node. */
export const allUnfinished = ({ live }: PlanContext): readonly LeftCopy[] =>
  Object.values(live.nodes).flatMap(({ node, unfinishedCopies = [] }) =>
    unfinishedCopies.map((unfinished) => {
      const { subscription, slot, source = null } = unfinished;
      const spec = { publications: [], enabled: true, connection: 'current', options: {} } as const;
      const sub = desiredResource('subscription', node, subscription, { source, slot, ...spec });
      return { sub, unfinished };
    }),
  );

/** What becomes of an interrupted copy whose subscription the file does not have; null: the file has it. */
export const leftCopyPolicy = (
  node: string,
  subscription: string,
  context: PlanContext,
): RemovalPolicy | null => {
  if (desiredSubscription(context, node, subscription) !== undefined) return null;
  const address = addressOf(node, 'subscription', subscription);
  if (context.want.has(address)) return null;
  return removalPolicyOf({ kind: 'subscription', node, name: subscription, address }, context);
};
