// What creating, changing or dropping a publication does to the application and to its subscribers.

import { formatName } from '../../../model/identifier.ts';
import { listNames, plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { PublicationSpec, PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { type PlanContext, subscribersOf, tableOf, want } from '../../context/context.ts';
import type { PublicationDifference } from '../../facts/publication-difference.ts';
import { leaves } from '../../facts/removal-policy.ts';
import { backfillHazards, operationHazards, staleRowsHazards } from '../copy/backfill-hazards.ts';
import { movedTablesHazards } from '../copy/moved-tables.ts';
import { hazard } from '../hazard.ts';
import { filterColumns } from './row-filter.ts';

type Publication = ResourceOf<'publication'>;

/** SET REPLICA IDENTITY: its lock, and what FULL costs. */
export const identityHazards = (identity: ResourceOf<'identity'>): readonly FoundHazard[] => {
  const table = formatName(identity.spec.table);
  const lock = hazard(
    'warning',
    'LOCK_ACCESS_EXCLUSIVE',
    identity.address,
    `ALTER TABLE ${table} REPLICA IDENTITY takes an ACCESS EXCLUSIVE lock; while it waits, readers queue behind it.`,
    'It gives up after the lock timeout and tries again; apply at a quiet time.',
  );
  if (identity.spec.mode !== 'full') return [lock];
  return [
    lock,
    hazard(
      'warning',
      'IDENTITY_FULL_COST',
      identity.address,
      `With REPLICA IDENTITY FULL, ${table} writes whole old rows to WAL, and the subscriber may scan the table for each row.`,
      'Give the table a primary key, or use a unique index: replica_identity: { index: NAME }.',
    ),
  ];
};

const usableIdentity = (
  table: Table,
  publication: Publication,
  context: PlanContext,
): readonly string[] | null => {
  const desired = want(context, 'identity', publication.node, formatName(table.name));
  if (desired === undefined) return table.identityColumns;
  if (desired.spec.mode === 'full') return table.columns.map(({ name }) => name);
  // The server itself checks that an index is fit for the purpose.
  if (desired.spec.mode === 'index') return [];
  return desired.spec.mode === 'default' ? table.keyColumns : table.identityColumns;
};

/** Why UPDATE and DELETE of this table would fail on the publisher; null: they will not. */
const identityFault = (
  sent: PublishedTable,
  publication: Publication,
  context: PlanContext,
): string | null => {
  const table = tableOf(context, publication.node, sent.table);
  if (table === undefined) return null;
  const identity = usableIdentity(table, publication, context);
  if (identity === null) return 'it has neither a primary key nor another replica identity';
  const hidden = identity.filter(
    (column) => sent.columns !== null && !sent.columns.includes(column),
  );
  if (hidden.length > 0)
    return `its column list leaves out ${hidden.join(', ')} of its replica identity`;
  if (sent.where === null || identity.length === 0) return null;
  const names = table.columns.map(({ name }) => name);
  const outside = filterColumns(sent.where, names).filter((column) => !identity.includes(column));
  return outside.length > 0
    ? `its row filter reads ${outside.join(', ')}, which its replica identity does not include`
    : null;
};

const identityMissing = (
  publication: Publication,
  spec: PublicationSpec,
  context: PlanContext,
): readonly FoundHazard[] => {
  if (!spec.publish.includes('update') && !spec.publish.includes('delete')) return [];
  const tables = context.tables.get(publication.node) ?? new Map<string, Table>();
  return effectiveTables([spec], tables).flatMap((sent) => {
    const fault = identityFault(sent, publication, context);
    if (fault === null) return [];
    const name = formatName(sent.table);
    return [
      hazard(
        'block',
        'REPLICA_IDENTITY_MISSING',
        addressOf(publication.node, 'identity', name),
        `Publishing UPDATE and DELETE of ${name} makes the application's own UPDATE and DELETE on node ${publication.node} fail: ${fault}.`,
        'Add a primary key, set replica_identity on the table in steep.yaml, or publish only [insert, truncate].',
      ),
    ];
  });
};

const sharedLock = (publication: Publication): FoundHazard =>
  hazard(
    'notice',
    'LOCK_SHARE_UPDATE',
    publication.address,
    'Takes SHARE UPDATE EXCLUSIVE locks on the tables: reads and writes continue, VACUUM and DDL wait.',
    'Nothing to do.',
  );

const truncatePropagates = (publication: Publication): readonly FoundHazard[] =>
  publication.spec.publish.includes('truncate')
    ? [
        hazard(
          'notice',
          'TRUNCATE_PROPAGATES',
          publication.address,
          'A TRUNCATE on the publisher empties the table on every subscriber too.',
          'Leave truncate out of publish if that is not wanted.',
        ),
      ]
    : [];

export const createdPublicationHazards = (
  publication: Publication,
  context: PlanContext,
): readonly FoundHazard[] => [
  ...identityMissing(publication, publication.spec, context),
  sharedLock(publication),
  ...truncatePropagates(publication),
];

/** The part of the spec that the difference brings in: what was published before is not judged again. */
const newlyPublished = (
  publication: Publication,
  difference: PublicationDifference,
): PublicationSpec => {
  if (difference.settings.publish !== undefined) return publication.spec;
  return {
    ...publication.spec,
    tables: [...difference.addedTables, ...difference.changedTables.map(({ after }) => after)],
    schemas: difference.addedSchemas,
  };
};

export const alteredPublicationHazards = (
  live: Publication,
  publication: Publication,
  difference: PublicationDifference,
  context: PlanContext,
): readonly FoundHazard[] => {
  const subscribers = subscribersOf(context, publication.node, publication.name);
  const touchesTables =
    difference.addedTables.length +
    difference.removedTables.length +
    difference.changedTables.length;
  return [
    ...movedTablesHazards(live, publication, context),
    ...identityMissing(publication, newlyPublished(publication, difference), context),
    ...(subscribers.length > 0 ? backfillHazards(publication, difference) : []),
    ...(subscribers.length > 0 ? operationHazards(publication, live.spec) : []),
    ...(subscribers.length > 0 ? staleRowsHazards(live, difference, context) : []),
    ...(touchesTables > 0 ? [sharedLock(publication)] : []),
    ...(difference.settings.publish === undefined ? [] : truncatePropagates(publication)),
  ];
};

const gap = (
  publication: Publication,
  context: PlanContext,
  message: string,
): readonly FoundHazard[] => {
  const subscribers = subscribersOf(context, publication.node, publication.name).filter((sub) => {
    const desired = want(context, 'subscription', sub.node, sub.name);
    return !leaves(sub, context) && (desired?.spec.publications.includes(publication.name) ?? true);
  });
  if (subscribers.length === 0) return [];
  const names = listNames(subscribers.map(({ address }) => address));
  return [
    hazard(
      'danger',
      'PUBLICATION_GAP',
      publication.address,
      `${plural(subscribers.length, 'subscription')} (${names}) still ${subscribers.length === 1 ? 'reads' : 'read'} it. ${message}`,
      'Remove it from those subscriptions first, or keep the publication and alter it.',
    ),
  ];
};

export const droppedPublicationHazards = (
  publication: Publication,
  context: PlanContext,
): readonly FoundHazard[] =>
  gap(
    publication,
    context,
    'Without it, apply fails repeatedly on 14 to 17, even after it is created again; on 18 the rows in between are lost with only a warning in the log of the publisher.',
  );

export const replacedPublicationHazards = (
  live: Publication,
  publication: Publication,
  context: PlanContext,
): readonly FoundHazard[] => [
  ...gap(
    publication,
    context,
    'It is dropped and created in one transaction, so no row is lost; if a table is missing from the new list, its changes are no longer sent.',
  ),
  ...(subscribersOf(context, publication.node, publication.name).length > 0
    ? operationHazards(publication, live.spec)
    : []),
  ...createdPublicationHazards(publication, context),
];
