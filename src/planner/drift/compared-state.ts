// What was applied, what is there, and what the file asks for, by address.

import { type Address, addressOf } from '../../model/state/address.ts';
import type { Applied } from '../../model/state/applied.ts';
import type { Resource } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { complete } from '../complete/complete.ts';
import { withBasebackupFallback } from '../context/basebackup-fallback.ts';
import { indexByAddress, indexTables } from '../context/context.ts';
import { withKeptSlots } from '../context/kept-slots.ts';
import { diff } from '../diff.ts';

/** What was applied, is there and is asked for, indexed. */
export interface ComparedState {
  readonly desired: DesiredState;
  readonly live: LiveState;
  /** In order of address. */
  readonly applied: readonly Applied[];
  readonly have: ReadonlyMap<Address, Resource>;
  /** Complete resources, of the nodes that could be read. */
  readonly want: ReadonlyMap<Address, Resource>;
  /** What the file names, whether or not its nodes could be read. */
  readonly named: ReadonlySet<Address>;
}

export const compareStates = ({
  desired: asked,
  live,
}: Pick<ComparedState, 'desired' | 'live'>): ComparedState => {
  const desired = withBasebackupFallback(withKeptSlots(asked, live), live);
  const nodes = Object.values(live.nodes);
  return {
    desired,
    live,
    applied: nodes
      .flatMap(({ applied }) => applied)
      .toSorted((a, b) => (a.address < b.address ? -1 : 1)),
    have: indexByAddress(nodes.flatMap(({ resources }) => resources)),
    want: indexByAddress(complete(desired, live, indexTables(live)).resources),
    named: namesOf(desired),
  };
};

const namesOf = ({ publications, subscriptions }: DesiredState): ReadonlySet<Address> =>
  new Set([
    ...publications.map(({ node, name }) => addressOf(node, 'publication', name)),
    ...subscriptions.flatMap(({ node, name, source, slot }) => [
      addressOf(node, 'subscription', name),
      addressOf(source, 'slot', slot),
    ]),
  ]);

/**
 * The file asks for what is there, so that a plan has nothing to do, whatever was applied before: a user changed the
 * server, and then the file to match.
 */
export const isAsDesired = (address: Address, context: ComparedState): boolean => {
  const live = context.have.get(address);
  const desired = context.want.get(address);
  if (live === undefined) return !context.named.has(address);
  if (desired === undefined) return false;
  const [delta] = diff([desired], [taken(live)]);
  return delta?.verb === undefined || (delta.verb === 'change' && isOwnershipOnly(delta.fields));
};

/** A connection that can neither be read nor compared is taken as it should be, as plan does. */
const taken = (live: Resource): Resource =>
  live.kind === 'subscription' && live.spec.connection === 'unknown'
    ? { ...live, spec: { ...live.spec, connection: 'current' } }
    : live;

const isOwnershipOnly = (fields: readonly string[]): boolean =>
  fields.every((field) => field === 'owned' || field === 'protect');
