// A changed row filter, column list or list of operations changes what is sent from now on, and nothing before.

import {
  compareNames,
  compareText,
  formatName,
  type QualifiedName,
} from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type {
  PublicationSpec,
  PublishedTable,
  PublishOperation,
  ResourceOf,
} from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { sentTables } from '../../complete/sent-tables.ts';
import { have, type PlanContext, subscribersOf, want } from '../../context/context.ts';
import type { PublicationDifference } from '../../facts/publication-difference.ts';
import { hazard } from '../hazard.ts';

type Publication = ResourceOf<'publication'>;
type ChangedTable = PublicationDifference['changedTables'][number];

const moreColumns = ({ before, after }: ChangedTable): boolean =>
  before.columns !== null &&
  (after.columns === null || after.columns.some((column) => !before.columns?.includes(column)));

const fewerColumns = ({ before, after }: ChangedTable): boolean =>
  after.columns !== null &&
  (before.columns === null || before.columns.some((column) => !after.columns?.includes(column)));

/** A filter that changed to another one may let in rows as well as shut some out. */
const filterWidened = ({ before, after }: ChangedTable): boolean =>
  before.where !== null && before.where !== after.where;

const filterNarrowed = ({ before, after }: ChangedTable): boolean =>
  after.where !== null && before.where !== after.where;

const names = (changes: readonly { readonly after: PublishedTable }[]): string =>
  listNames(changes.map(({ after }) => formatName(after.table)));

/** One command for each node that has them: the other tables continue. */
const copyAgain = (
  tables: readonly QualifiedName[],
  subscribers: readonly ResourceOf<'subscription'>[],
): string => {
  const nodes = [...new Set(subscribers.map(({ node }) => node))].toSorted(compareText);
  // Of TABLES IN SCHEMA alone no table is named.
  const which = tables.length === 0 ? ['--full'] : ['--tables', tables.map(formatName).join(',')];
  return nodes.map((node) => steepCommand`steep init reset ${node} ${which}`).join('; ');
};

/** Rows and columns that are let in now but were written before: a refresh does not bring them. */
export const backfillHazards = (
  publication: Publication,
  difference: PublicationDifference,
  subscribers: readonly ResourceOf<'subscription'>[],
): readonly FoundHazard[] => {
  const widened = difference.changedTables.filter(
    (change) => filterWidened(change) || moreColumns(change),
  );
  if (widened.length === 0 || subscribers.length === 0) return [];
  return [
    hazard(
      'danger',
      'FILTER_NO_BACKFILL',
      publication.address,
      `${names(widened)}: existing rows and columns that the new definition adds are not sent, not even by a refresh; later updates of missing rows are ignored.`,
      `Apply this plan, then copy these tables again: ${copyAgain(
        widened.map(({ after }) => after.table),
        subscribers,
      )}`,
    ),
  ];
};

/** What an operation that was not sent has left on the subscribers. */
const missed: Readonly<Record<PublishOperation, string>> = {
  insert: 'rows inserted before are missing there',
  update: 'rows updated before have their old values there',
  delete: 'rows deleted before are still there',
  truncate: 'rows truncated before are still there',
};

/** Operations that are published from now on: a refresh brings none of those that were not sent. */
export const operationHazards = (
  publication: Publication,
  before: PublicationSpec,
  subscribers: readonly ResourceOf<'subscription'>[],
): readonly FoundHazard[] => {
  if (subscribers.length === 0) return [];
  const added = publication.spec.publish.filter((operation) => !before.publish.includes(operation));
  if (added.length === 0) return [];
  return [
    hazard(
      added.some((operation) => operation !== 'truncate') ? 'danger' : 'warning',
      'PUBLISH_NO_BACKFILL',
      publication.address,
      `Publication ${publication.name} did not send ${added.join(', ')} until now: ${added.map((operation) => missed[operation]).join('; ')}, and nothing corrects that automatically.`,
      `If the subscribers must have the same rows, apply this plan, then copy the tables again: ${copyAgain(
        publication.spec.tables.map(({ table }) => table),
        subscribers,
      )}`,
    ),
  ];
};

/** What a subscription gets when the plan is done, of the publications that it then reads and that send these operations. */
const sentTo = (
  sub: ResourceOf<'subscription'>,
  { node, spec }: Publication,
  context: PlanContext,
): readonly PublishedTable[] => {
  const { publications } = want(context, 'subscription', sub.node, sub.name)?.spec ?? sub.spec;
  const specs = publications
    .map(
      (name) =>
        want(context, 'publication', node, name) ?? have(context, 'publication', node, name),
    )
    .flatMap((publication) => (publication === undefined ? [] : [publication.spec]))
    .filter(({ publish }) => spec.publish.every((operation) => publish.includes(operation)));
  return sentTables(specs, context.tables.get(node) ?? new Map());
};

/** No row and no column that was sent is left out. */
const covers = (after: PublishedTable | undefined, before: PublishedTable): boolean =>
  after !== undefined &&
  (after.where === null || after.where === before.where) &&
  (after.columns === null || (before.columns?.every((it) => after.columns?.includes(it)) ?? false));

/** Whether each subscriber still gets these rows, by another publication. */
const stillSent = (live: Publication, before: PublishedTable, context: PlanContext): boolean => {
  const tables = context.tables.get(live.node) ?? new Map();
  const lost = effectiveTables([{ ...live.spec, tables: [before], schemas: [] }], tables);
  return subscribersOf(context, live.node, live.name).every((sub) => {
    const after = sentTo(sub, live, context);
    return lost.every((entry) =>
      covers(
        after.find(({ table }) => compareNames(table, entry.table) === 0),
        entry,
      ),
    );
  });
};

/** Rows that are no longer sent stay on the subscriber as they are. */
export const staleRowsHazards = (
  live: Publication,
  difference: PublicationDifference,
  context: PlanContext,
): readonly FoundHazard[] => {
  const narrowed = [
    ...difference.changedTables
      .filter((change) => filterNarrowed(change) || fewerColumns(change))
      .map(({ before }) => before),
    ...difference.removedTables,
  ].filter((before) => !stillSent(live, before, context));
  if (narrowed.length === 0) return [];
  return [
    hazard(
      'warning',
      'STALE_ROWS_LEFT',
      live.address,
      `${listNames(narrowed.map(({ table }) => formatName(table)))}: rows on the subscribers that are no longer sent stay there and are never updated again.`,
      'Delete them on the subscribers if they are not wanted.',
    ),
  ];
};

/** Tables that a subscription drops with a publication: no publication sends them any more, and they stay. */
export const staleCopiesHazards = (
  removed: readonly ResourceOf<'copy'>[],
  sub: ResourceOf<'subscription'>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const before = have(context, 'subscription', sub.node, sub.name)?.spec.publications ?? [];
  const leaves = before.some((name) => !sub.spec.publications.includes(name));
  if (removed.length === 0 || !leaves) return [];
  const tables = listNames(removed.map(({ spec }) => formatName(spec.table)));
  return [
    hazard(
      'warning',
      'STALE_ROWS_LEFT',
      sub.address,
      `${tables}: no publication of ${sub.name} sends them any more; their rows on node ${sub.node} stay and are never updated again.`,
      'Delete them there if they are not wanted.',
    ),
  ];
};
