// How two publications differ, in the terms of ALTER PUBLICATION and of a reader.

import canonicalize from 'canonicalize';
import { formatName } from '../../model/identifier.ts';
import { plural } from '../../model/listing.ts';
import type { ChangeDetail } from '../../model/plan/plan.ts';
import {
  type PublicationSpec,
  type PublishedTable,
  publishOperations,
  type ResourceOf,
} from '../../model/state/resource.ts';
import type { PublicationSettings } from '../../model/step/publication-steps.ts';

export interface PublicationDifference {
  readonly addedTables: readonly PublishedTable[];
  readonly removedTables: readonly PublishedTable[];
  /** Tables in both whose column list or row filter differs. */
  readonly changedTables: readonly {
    readonly before: PublishedTable;
    readonly after: PublishedTable;
  }[];
  readonly addedSchemas: readonly string[];
  readonly removedSchemas: readonly string[];
  readonly settings: PublicationSettings;
}

const same = (a: unknown, b: unknown): boolean => canonicalize(a) === canonicalize(b);

const settingsDifference = (
  before: PublicationSpec,
  after: PublicationSpec,
): PublicationSettings => ({
  ...(same(before.publish, after.publish) ? {} : { publish: after.publish }),
  ...(before.viaPartitionRoot === after.viaPartitionRoot
    ? {}
    : { viaPartitionRoot: after.viaPartitionRoot }),
  ...(before.generatedColumns === after.generatedColumns
    ? {}
    : { generatedColumns: after.generatedColumns }),
});

export const publicationDifference = (
  before: PublicationSpec,
  after: PublicationSpec,
): PublicationDifference => {
  const old = new Map(before.tables.map((entry) => [formatName(entry.table), entry]));
  const next = new Map(after.tables.map((entry) => [formatName(entry.table), entry]));
  return {
    addedTables: after.tables.filter((entry) => !old.has(formatName(entry.table))),
    removedTables: before.tables.filter((entry) => !next.has(formatName(entry.table))),
    changedTables: after.tables.flatMap((entry) => {
      const found = old.get(formatName(entry.table));
      return found === undefined || same(found, entry) ? [] : [{ before: found, after: entry }];
    }),
    addedSchemas: after.schemas.filter((schema) => !before.schemas.includes(schema)),
    removedSchemas: before.schemas.filter((schema) => !after.schemas.includes(schema)),
    settings: settingsDifference(before, after),
  };
};

/** `public.orders (id, total) where total > 0`. */
const describePublished = (entry: PublishedTable): string => {
  const columns = entry.columns === null ? '' : ` (${entry.columns.join(', ')})`;
  const where = entry.where === null ? '' : ` where ${entry.where}`;
  return `${formatName(entry.table)}${columns}${where}`;
};

/** `2 tables, 1 schema`. */
export const describeSize = ({ tables, schemas }: PublicationSpec): string =>
  [
    ...(tables.length > 0 || schemas.length === 0 ? [plural(tables.length, 'table')] : []),
    ...(schemas.length > 0 ? [plural(schemas.length, 'schema')] : []),
  ].join(', ');

interface Setting {
  readonly field: string;
  readonly text: (spec: PublicationSpec) => string;
  /** PostgreSQL's default. */
  readonly usual: string;
}

/** The settings of CREATE PUBLICATION, as a reader is shown them. */
const shownSettings: readonly Setting[] = [
  {
    field: 'publish',
    text: ({ publish }) => publish.join(', '),
    usual: publishOperations.join(', '),
  },
  {
    field: 'publish_via_partition_root',
    text: ({ viaPartitionRoot }) => String(viaPartitionRoot),
    usual: 'false',
  },
  {
    field: 'publish_generated_columns',
    text: ({ generatedColumns }) => generatedColumns,
    usual: 'none',
  },
];

/** What a new publication sends, and the settings that are not PostgreSQL's defaults. */
export const creationDetails = ({
  spec,
  protect,
}: ResourceOf<'publication'>): readonly ChangeDetail[] => [
  ...listDetail('tables', spec.tables.map(describePublished)),
  ...listDetail('schemas', spec.schemas),
  ...shownSettings.flatMap(({ field, text, usual }) =>
    text(spec) === usual ? [] : [{ field, after: text(spec) }],
  ),
  ...(protect ? [{ field: 'protect', after: 'true' }] : []),
];

const listDetail = (field: string, added: readonly string[]): readonly ChangeDetail[] =>
  added.length === 0 ? [] : [{ field, added, removed: [] }];

const count = (items: readonly unknown[], what: string, verb: string): readonly string[] =>
  items.length === 0 ? [] : [`${items.length} ${what}${items.length === 1 ? '' : 's'} ${verb}`];

/** `1 table added, 2 tables changed`; `in place` when only settings differ. */
export const summarizeDifference = (difference: PublicationDifference): string => {
  const parts = [
    ...count(difference.addedTables, 'table', 'added'),
    ...count(difference.changedTables, 'table', 'changed'),
    ...count(difference.removedTables, 'table', 'removed'),
    ...count(difference.addedSchemas, 'schema', 'added'),
    ...count(difference.removedSchemas, 'schema', 'removed'),
  ];
  return parts.length === 0 ? 'in place' : parts.join(', ');
};

/** One field, where it differs. */
export const changedField = (
  field: string,
  before: string,
  after: string,
): readonly ChangeDetail[] => (before === after ? [] : [{ field, before, after }]);

/** The fields that differ, for people. */
export const differenceDetails = (
  before: PublicationSpec,
  after: PublicationSpec,
  difference: PublicationDifference,
): readonly ChangeDetail[] => {
  const details: ChangeDetail[] = [];
  const { addedTables, removedTables, changedTables, addedSchemas, removedSchemas } = difference;
  if (addedTables.length + removedTables.length > 0) {
    details.push({
      field: 'tables',
      added: addedTables.map(describePublished),
      removed: removedTables.map(describePublished),
    });
  }
  for (const change of changedTables) {
    details.push({
      field: formatName(change.after.table),
      before: describePublished(change.before),
      after: describePublished(change.after),
    });
  }
  if (addedSchemas.length + removedSchemas.length > 0) {
    details.push({ field: 'schemas', added: addedSchemas, removed: removedSchemas });
  }
  return [
    ...details,
    ...shownSettings.flatMap(({ field, text }) => changedField(field, text(before), text(after))),
  ];
};
