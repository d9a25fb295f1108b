// What the patterns of --target and --exclude name, among all addresses that anybody knows.

import type { PlanOptions } from '../../model/plan/plan.ts';
import { type Address, addressOf, parseAddress } from '../../model/state/address.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { matchesAddress } from '../address-pattern.ts';
import { complete } from '../complete/complete.ts';
import { indexTables } from '../context/context.ts';
import { nodeAddress } from './requirements.ts';

/** Whether a plan with these options is of a part only. */
export const isTargeted = ({ target = [], exclude = [] }: PlanOptions): boolean =>
  target.length + exclude.length > 0;

/** Every address that the file or a server knows, nodes that could not be read included. */
export const knownAddresses = (desired: DesiredState, live: LiveState): readonly Address[] => [
  ...new Set([
    ...desired.nodes.flatMap(({ name }) => [
      nodeAddress(name),
      addressOf(name, 'metadata', metadataSchema),
    ]),
    ...desired.publications.map(({ node, name }) => addressOf(node, 'publication', name)),
    ...desired.subscriptions.flatMap(({ node, name, source, slot }) => [
      addressOf(node, 'subscription', name),
      addressOf(source, 'slot', slot),
    ]),
    ...Object.values(live.nodes).flatMap(({ node, resources, missing, unfinishedCopies = [] }) => [
      ...resources.map(({ address }) => address),
      ...missing,
      ...unfinishedCopies.map(({ subscription }) => addressOf(node, 'subscription', subscription)),
    ]),
  ]),
];

/** The addresses that at least one pattern names. */
export const matching = (
  patterns: readonly string[],
  addresses: readonly Address[],
): readonly Address[] =>
  addresses.filter((address) => patterns.some((pattern) => matchesAddress(pattern, address)));

/** A node that could not be read may hold what a pattern names. */
export const unreadNamed = (patterns: readonly string[], live: LiveState): readonly Address[] =>
  patterns
    .map((pattern) => parseAddress(pattern).node)
    .filter((node) => live.unreadable[node] !== undefined)
    .map(nodeAddress);

/** What a subscription of the file brings is known once its source was read. */
const dependsOnUnread = (pattern: string, desired: DesiredState, live: LiveState): boolean => {
  const { node, kind } = parseAddress(pattern);
  return desired.subscriptions.some((sub) => {
    if (sub.node !== node || live.unreadable[sub.source] === undefined) return false;
    const address = addressOf(node, 'subscription', sub.name);
    return kind === 'copy' || (kind === 'subscription' && matchesAddress(pattern, address));
  });
};

/** A pattern that names nothing, and the addresses that it could have meant. */
export interface UnknownPattern {
  readonly pattern: string;
  readonly known: readonly Address[];
  /** A node that could not be read may know it. */
  readonly undecided: boolean;
}

/** Patterns that name nothing which can be initialized: neither a subscription of the file nor a table of one. */
export const unknownReinits = (
  patterns: readonly string[],
  desired: DesiredState,
  live: LiveState,
): readonly UnknownPattern[] => {
  const known = complete(desired, live, indexTables(live))
    .resources.filter(({ kind }) => kind === 'copy' || kind === 'subscription')
    .map(({ address }) => address);
  return patterns
    .filter((pattern) => live.unreadable[parseAddress(pattern).node] === undefined)
    .filter((pattern) => matching([pattern], known).length === 0)
    .map((pattern) => ({ pattern, known, undecided: dependsOnUnread(pattern, desired, live) }));
};

/** Patterns that name nothing; of a node that could not be read, that is unknown. */
export const unknownPatterns = (
  patterns: readonly string[],
  desired: DesiredState,
  live: LiveState,
): readonly UnknownPattern[] => {
  const completed = complete(desired, live, indexTables(live)).resources;
  const known = [
    ...new Set([...knownAddresses(desired, live), ...completed.map(({ address }) => address)]),
  ];
  return patterns
    .filter((pattern) => live.unreadable[parseAddress(pattern).node] === undefined)
    .filter((pattern) => matching([pattern], known).length === 0)
    .map((pattern) => ({ pattern, known, undecided: dependsOnUnread(pattern, desired, live) }));
};
