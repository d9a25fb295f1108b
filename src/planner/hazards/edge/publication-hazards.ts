// What creating, changing or dropping a publication does to the application and to its subscribers.

import { formatName } from '../../../model/identifier.ts';
import { listNames, plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { PublicationSpec, ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { type PlanContext, serverOf, subscribersOf, want } from '../../context/context.ts';
import { identityFaults, missingIndex } from '../../facts/identity-fault.ts';
import type { PublicationDifference } from '../../facts/publication-difference.ts';
import { leaves } from '../../facts/removal-policy.ts';
import { mutableFunctions } from '../../facts/row-filter.ts';
import { backfillHazards, operationHazards, staleRowsHazards } from '../copy/backfill-hazards.ts';
import { movedTablesHazards } from '../copy/moved-tables.ts';
import { hazard } from '../hazard.ts';

type Publication = ResourceOf<'publication'>;

/** SET REPLICA IDENTITY: its lock, and what FULL costs; an index that is not there. */
export const identityHazards = (
  identity: ResourceOf<'identity'>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const table = formatName(identity.spec.table);
  const found = context.tables.get(identity.node)?.get(table);
  const missing = found === undefined ? null : missingIndex(found, identity.spec);
  if (missing !== null) return [indexMissing(identity, table, missing)];
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

const indexMissing = (
  { node, address }: ResourceOf<'identity'>,
  table: string,
  { why, cure }: { readonly why: string; readonly cure: string },
): FoundHazard =>
  hazard(
    'block',
    'REPLICA_IDENTITY_MISSING',
    address,
    `ALTER TABLE ${table} REPLICA IDENTITY would fail on node ${node}: ${why}.`,
    cure,
  );

const identityMissing = (
  { node }: Publication,
  spec: PublicationSpec,
  context: PlanContext,
): readonly FoundHazard[] => {
  const identities = {
    tables: context.tables.get(node) ?? new Map<string, Table>(),
    features: serverOf(context, node).features,
    desired: (name: string) => want(context, 'identity', node, name)?.spec,
  };
  return identityFaults(spec, identities).map(({ table, why, cure }) => {
    const name = formatName(table.name);
    return hazard(
      'block',
      'REPLICA_IDENTITY_MISSING',
      addressOf(node, 'identity', name),
      `Publishing UPDATE and DELETE of ${name} makes the application's own UPDATE and DELETE on node ${node} fail: ${why}.`,
      cure ??
        'Add a primary key, set replica_identity on the table in steep.yaml, or publish only [insert, truncate].',
    );
  });
};

/** PostgreSQL refuses the publication, in the middle of an apply. */
const mutableFilters = (
  { node, address }: Publication,
  spec: PublicationSpec,
  context: PlanContext,
): readonly FoundHazard[] =>
  spec.tables.flatMap(({ table, where }) => {
    const columns = context.tables.get(node)?.get(formatName(table))?.columns ?? [];
    const names = columns.map(({ name }) => name);
    const called = where === null ? [] : mutableFunctions(where, names);
    if (called.length === 0) return [];
    return [
      hazard(
        'block',
        'FILTER_NOT_IMMUTABLE',
        address,
        `The row filter of ${formatName(table)} uses ${listNames([...new Set(called)])}, whose value is not that of the row alone: PostgreSQL refuses such a publication.`,
        'Compare columns with constants only. What depends on the time or on the session belongs into a column of the table.',
      ),
    ];
  });

const sharedLock = (publication: Publication): FoundHazard =>
  hazard(
    'notice',
    'LOCK_SHARE_UPDATE',
    publication.address,
    'Takes SHARE UPDATE EXCLUSIVE locks on the tables: reads and writes continue, VACUUM and DDL wait.',
    'Nothing to do.',
  );

/** What a TRUNCATE does to subscribers, and where it is not what it was on the publisher. */
const truncatePropagates = (
  { node, address, spec }: Publication,
  context: PlanContext,
): readonly FoundHazard[] => {
  if (!spec.publish.includes('truncate')) return [];
  const tables = context.tables.get(node) ?? new Map<string, Table>();
  const sent = effectiveTables([spec], tables).flatMap(
    ({ table }) => tables.get(formatName(table)) ?? [],
  );
  const roots = sent.filter(({ partitioned }) => partitioned).map(({ name }) => formatName(name));
  const restarts = sent.some(({ sequences }) => sequences.length > 0)
    ? ' With RESTART IDENTITY its sequences start again there too.'
    : '';
  const message = `A TRUNCATE on the publisher empties the table on every subscriber too.${restarts}`;
  if (roots.length === 0) {
    const remedy = 'Leave truncate out of publish if that is not wanted.';
    return [hazard('notice', 'TRUNCATE_PROPAGATES', address, message, remedy)];
  }
  return [
    hazard(
      'warning',
      'TRUNCATE_PROPAGATES',
      address,
      `${message} But a TRUNCATE of one partition of ${listNames(roots)} is not sent, since rows are published as those of the partitioned table: the rows of that partition stay on the subscriber, without an error.`,
      'Empty a partition with DELETE, or delete its rows on the subscriber too. Leave truncate out of publish if no TRUNCATE is to be sent.',
    ),
  ];
};

export const createdPublicationHazards = (
  publication: Publication,
  context: PlanContext,
): readonly FoundHazard[] => [
  ...identityMissing(publication, publication.spec, context),
  ...mutableFilters(publication, publication.spec, context),
  sharedLock(publication),
  ...truncatePropagates(publication, context),
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
    ...movedTablesHazards(live, publication, difference, context),
    ...identityMissing(publication, newlyPublished(publication, difference), context),
    ...mutableFilters(publication, newlyPublished(publication, difference), context),
    ...backfillHazards(publication, difference, subscribers),
    ...operationHazards(publication, live.spec, subscribers),
    ...(subscribers.length > 0 ? staleRowsHazards(live, difference, context) : []),
    ...(touchesTables > 0 ? [sharedLock(publication)] : []),
    ...(difference.settings.publish === undefined ? [] : truncatePropagates(publication, context)),
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
  ...operationHazards(
    publication,
    live.spec,
    subscribersOf(context, publication.node, publication.name),
  ),
  ...createdPublicationHazards(publication, context),
];
