// Under which names the publications of a subscription may have existed before: what steep remembers, and what the file says.
// Which of them did is tried on the server.

import { compareText } from '../../model/identifier.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import type { AppliedOf } from '../../model/state/applied.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';

type Subscription = ResourceOf<'subscription'>;

/** A list that failed, and the publication of it that did not exist. */
export interface FailedList {
  readonly sub: Subscription;
  readonly source: NodeName;
  readonly publications: readonly string[];
  readonly tooNew: readonly string[];
}

const appliedOn = (live: LiveState, node: NodeName) => live.nodes[node]?.applied ?? [];

const existsOn = (live: LiveState, node: NodeName, name: string): boolean =>
  live.nodes[node]?.resources.some(
    (resource) => resource.kind === 'publication' && resource.name === name,
  ) === true;

/** Managed publications of the source that do not exist any more. */
const missingOn = (live: LiveState, source: NodeName): readonly AppliedOf<'publication'>[] =>
  appliedOn(live, source).flatMap((row) =>
    row.kind === 'publication' && !existsOn(live, source, row.name) ? [row] : [],
  );

const replaced = (
  { publications, tooNew }: FailedList,
  former: string,
): readonly (readonly string[])[] =>
  tooNew.length === 1
    ? [publications.map((name) => (tooNew.includes(name) ? former : name)).toSorted(compareText)]
    : [];

/** `renamed` of the file, where it has an entry for each. */
const asTheFileSays = (
  { source, publications, tooNew }: FailedList,
  { renamed }: DesiredState,
): readonly (readonly string[])[] => {
  const formerOf = (name: string) =>
    renamed.find(({ toAddress }) => toAddress === addressOf(source, 'publication', name))?.from;
  if (tooNew.some((name) => formerOf(name) === undefined)) return [];
  return [
    publications
      .map((name) => (tooNew.includes(name) ? (formerOf(name) ?? name) : name))
      .toSorted(compareText),
  ];
};

/** What steep last gave the subscription. */
const asApplied = ({ sub }: FailedList, live: LiveState): readonly (readonly string[])[] =>
  appliedOn(live, sub.node).flatMap((row) =>
    row.kind === 'subscription' && row.address === sub.address && row.spec !== null
      ? [row.spec.publications]
      : [],
  );

export interface FormerList {
  readonly publications: readonly string[];
  /** The file says that the publications were renamed: there was no time at which neither existed. */
  readonly declared: boolean;
}

/** The most likely one first, each once. */
export const formerLists = (
  failed: FailedList,
  desired: DesiredState,
  live: LiveState,
): readonly FormerList[] => {
  const declared = asTheFileSays(failed, desired);
  const lists = [
    ...declared,
    failed.sub.spec.publications,
    ...asApplied(failed, live),
    ...missingOn(live, failed.source).flatMap(({ name }) => replaced(failed, name)),
  ].map((list) => list.filter((name) => !failed.tooNew.includes(name)));
  const byText = new Map(lists.map((list) => [list.join('\n'), list]));
  return [...byText.values()]
    .filter((list) => list.length > 0 && list.join('\n') !== failed.publications.join('\n'))
    .map((publications) => ({
      publications,
      declared: declared.some((list) => list.join('\n') === publications.join('\n')),
    }));
};
