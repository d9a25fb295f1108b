// A publication alias: the publication that has the old name of one that was renamed, until its readers have moved. It
// is dropped once each of them was started again: a reader that still runs with the old list would fail without it (14
// to 17), or lose rows without an error (18).

import type { Address, NodeName } from '../../model/state/address.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { isKind, type PlanContext } from '../context/context.ts';
import { aliasFor } from '../context/renames.ts';
import { willBeCreated } from './edges.ts';

type Subscription = ResourceOf<'subscription'>;

export interface PublicationAlias {
  readonly node: NodeName;
  /** The old name. */
  readonly name: string;
  readonly address: Address;
  /** The publication that has the new one. */
  readonly to: string;
  /** Not there yet: this plan makes it. */
  readonly isNew: boolean;
}

/** Live subscriptions that read a publication under a name. */
export const readersOfName = (
  node: NodeName,
  name: string,
  context: PlanContext,
): readonly Subscription[] =>
  [...context.have.values()]
    .filter(isKind('subscription'))
    .filter(({ spec }) => spec.source === node && spec.publications.includes(name));

const publicationAliasesOf = (context: PlanContext): readonly PublicationAlias[] => {
  const made = context.renames
    .filter(
      ({ kind, node, from }) =>
        kind === 'publication' && readersOfName(node, from, context).length > 0,
    )
    .map(({ node, from, fromAddress, to }) => ({
      node,
      name: from,
      address: fromAddress,
      to,
      isNew: true,
    }));
  const there = [...context.have.values()].flatMap((live) => {
    const to = aliasFor(context.live, live);
    if (to === null || context.want.has(live.address)) return [];
    const { node, name, address } = live;
    return [{ node, name, address, to, isNew: false }];
  });
  return [...made, ...there];
};

/** Its readers read on under the new name, or are replaced, by this plan: then it can go. */
const isOver = ({ node, name }: PublicationAlias, context: PlanContext): boolean =>
  readersOfName(node, name, context).every((live) => {
    const desired = context.want.get(live.address);
    if (desired?.kind !== 'subscription') return false;
    const moves = desired.spec.source === node && !desired.spec.publications.includes(name);
    return moves && (live.spec.enabled || willBeCreated(desired, context));
  });

/** Publication aliases that this plan drops; the others stay, since subscriptions read them. */
export const publicationAliasesToDrop = (context: PlanContext): readonly PublicationAlias[] =>
  publicationAliasesOf(context).filter((alias) => isOver(alias, context));
