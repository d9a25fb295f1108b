// Whether a snapshot on storage holds what a subscription asks for: its publications and tables, unchanged since.

import { describeChange } from '../../../model/copy/changed-table.ts';
import { isUnaltered, type PublicationMark } from '../../../model/copy/manual-init.ts';
import { compareText, formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { SnapshotFacts, TableNow } from '../../../model/snapshot/snapshot-reading.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { DesiredSubscription } from '../../../model/state/state.ts';
import { desiredSubscription, type PlanContext } from '../../context/context.ts';
import { publicationsStand, tablesOf } from '../../facts/initial-copy.ts';

type Subscription = ResourceOf<'subscription'>;

/** Taken out and put back is another; what left it does not matter. */
const isChanged = (
  now: PublicationMark,
  { publications, publicationMarks: marks }: SnapshotFacts,
): boolean => {
  if (marks === undefined || !publications.includes(now.name)) return false;
  const then = marks.find(({ name }) => name === now.name);
  return (
    then?.oid !== now.oid ||
    !isUnaltered(then, now) ||
    now.members.some((member) => !then.members.includes(member))
  );
};

/** Each publication must have been there at the position, as it is now: a younger one is never to be read. */
export const publicationFaults = (
  sub: Subscription,
  facts: SnapshotFacts,
  context: PlanContext,
): readonly string[] => {
  const others = sub.spec.publications.filter((name) => !facts.publications.includes(name));
  const changed = facts.marksNow.filter((mark) => isChanged(mark, facts));
  return [
    ...(others.length === 0 ? [] : [`it was made without publication ${listNames(others)}`]),
    ...(changed.length === 0
      ? []
      : [
          `publication ${listNames(changed.map(({ name }) => name))} was changed, or dropped and created again, since then`,
        ]),
    ...(others.length > 0 || publicationsStand(sub, context)
      ? []
      : ['this plan changes a publication of the snapshot']),
  ];
};

type SnapshotTable = SnapshotFacts['tables'][number];

const isOther = (
  table: SnapshotTable,
  now: TableNow,
  mode: DesiredSubscription['schemaSync'],
): boolean =>
  mode === 'strict'
    ? table.strictFingerprint !== now.strictFingerprint
    : table.replicationFingerprint !== now.replicationFingerprint;

const isSentOtherwise = ({ columns, filter }: SnapshotTable, { sent }: TableNow): boolean => {
  if (sent === null || sent.filter !== filter) return true;
  const names = columns.map(({ name }) => name).toSorted(compareText);
  return names.join('\n') !== sent.columns.toSorted(compareText).join('\n');
};

export const tableFaults = (
  sub: Subscription,
  facts: SnapshotFacts,
  context: PlanContext,
): readonly string[] => {
  const mode = desiredSubscription(context, sub.node, sub.name)?.schemaSync ?? 'strict';
  const known = new Map(facts.tables.map((table) => [formatName(table), table]));
  const names = tablesOf(sub, context).map(formatName);
  const pairs = names.flatMap((name) => {
    const [table, now] = [known.get(name), facts.now[name]];
    return table === undefined || now === undefined ? [] : [{ name, table, now }];
  });
  const missing = names.filter((name) => !known.has(name));
  const altered = pairs.filter(({ table, now }) => isOther(table, now, mode));
  const otherwise = pairs.filter(
    (it) => !altered.includes(it) && isSentOtherwise(it.table, it.now),
  );
  const wanted = new Set(names);
  const replaced = facts.replaced.filter(({ table }) => wanted.has(formatName(table)));
  const list = (found: readonly { readonly name: string }[]) =>
    listNames(
      found.map((it) => it.name),
      20,
    );
  return [
    ...(missing.length === 0 ? [] : [`it does not have ${listNames(missing, 20)}`]),
    ...(altered.length === 0 ? [] : [`the source has altered ${list(altered)} since`]),
    ...(replaced.length === 0
      ? []
      : [
          `tables were replaced or altered, or got other partitions, since then (${replaced.map(describeChange).join('; ')})`,
        ]),
    ...(otherwise.length === 0
      ? []
      : [`other columns or rows of ${list(otherwise)} are published than it contains`]),
  ];
};
