// What the publications of one subscription do to a table that several of them send.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf, type NodeName } from '../../../model/state/address.ts';
import type { PublicationSpec, PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import {
  effectiveTables,
  isSentWithSchema,
  type TableIndex,
} from '../../complete/published-tables.ts';
import { sentColumns } from '../../complete/sent-tables.ts';
import { have, type PlanContext, serverOf, want } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

type Publication = ResourceOf<'publication'>;
type Subscription = ResourceOf<'subscription'>;

/** A table as one of the publications sends it by itself. */
interface Sending {
  readonly publication: Publication;
  readonly sent: PublishedTable;
}

interface Combined {
  readonly sub: Subscription;
  readonly source: NodeName;
  readonly publications: readonly Publication[];
  readonly sendings: readonly Sending[];
  readonly tables: TableIndex;
  /** By formatName: what PostgreSQL sends of all publications together. */
  readonly together: ReadonlySet<string>;
}

const publicationsOf = (
  { spec }: Subscription,
  source: NodeName,
  context: PlanContext,
): readonly Publication[] =>
  spec.publications
    .map(
      (name) =>
        want(context, 'publication', source, name) ?? have(context, 'publication', source, name),
    )
    .filter((publication) => publication !== undefined);

const specsOf = (publications: readonly Publication[]): readonly PublicationSpec[] =>
  publications.map(({ spec }) => spec);

const combinedIn = (sub: Subscription, context: PlanContext): Combined | null => {
  const { source } = sub.spec;
  const tables = source === null ? undefined : context.tables.get(source);
  if (source === null || tables === undefined) return null;
  const publications = publicationsOf(sub, source, context);
  const together = effectiveTables(specsOf(publications), tables);
  return {
    sub,
    source,
    tables,
    publications,
    sendings: publications.flatMap((publication) =>
      effectiveTables([publication.spec], tables).map((sent) => ({ publication, sent })),
    ),
    together: new Set(together.map((sent) => formatName(sent.table))),
  };
};

const nameOf = ({ sent }: Sending): string => formatName(sent.table);

const publicationNames = (sendings: readonly Sending[]): string =>
  listNames([...new Set(sendings.map(({ publication }) => publication.name))]);

/** Before 16, either end asks for each publication by itself, and copies the rows of a partition a second time. */
const partitionTwice = (
  { sub, source, sendings, together }: Combined,
  context: PlanContext,
): readonly FoundHazard[] => {
  const ends = [serverOf(context, source), serverOf(context, sub.node)];
  if (ends.every(({ features }) => features.partitionsOnce)) return [];
  const twice = sendings.filter((sending) => !together.has(nameOf(sending)));
  if (twice.length === 0) return [];
  const partitions = listNames([...new Set(twice.map(nameOf))]);
  const publications = publicationNames(twice);
  return [
    hazard(
      'block',
      'PARTITION_SENT_TWICE',
      sub.address,
      `Subscription ${sub.name} gets the rows of ${partitions} through publication ${publications}, and through another one as rows of the partitioned table (publish_via_partition_root). Where one end is PostgreSQL 14 or 15, the server copies them twice.`,
      `Take ${partitions} out of ${publications}: the rows are sent with the partitioned table. Or publish nothing via its partition root.`,
    ),
  ];
};

/** Tables that more than one publication sends, with what each says of it. */
const shared = ({ sendings, together }: Combined): readonly (readonly Sending[])[] =>
  [
    ...Map.groupBy(
      sendings.filter((it) => together.has(nameOf(it))),
      nameOf,
    ).values(),
  ].filter((group) => group.length > 1);

const columnsOf = ({ publication, sent }: Sending, table: Table): string => {
  const all = sent.columns === null && publication.spec.generatedColumns === 'stored';
  const columns = all ? table.columns.map(({ name }) => name).toSorted() : sentColumns(sent, table);
  return JSON.stringify(columns);
};

/** PostgreSQL refuses the subscription, or stops sending where the lists change later. */
const differentColumns = (combined: Combined): readonly FoundHazard[] => {
  const different = shared(combined).filter((group) => {
    const table = combined.tables.get(group.map(nameOf)[0] ?? '');
    return table !== undefined && new Set(group.map((it) => columnsOf(it, table))).size > 1;
  });
  if (different.length === 0) return [];
  const { sub } = combined;
  const named = different.map(
    (group) => `${nameOf(group[0] as Sending)} (${publicationNames(group)})`,
  );
  return [
    hazard(
      'block',
      'COLUMN_LISTS_DIFFER',
      sub.address,
      `The publications of subscription ${sub.name} send different columns of the same table: ${listNames(named)}. PostgreSQL refuses that.`,
      'Give the table the same columns in each of these publications, or list it in one of them only, or make one subscription for each publication, with tables of its own.',
    ),
  ];
};

const filtersHazard = (
  severity: 'notice' | 'warning',
  { sub }: Combined,
  message: string,
  remedy: string,
): FoundHazard =>
  hazard(
    severity,
    'FILTERS_COMBINED',
    addressOf(sub.node, 'subscription', sub.name),
    message,
    remedy,
  );

/** A row that one publication sends is sent, whatever the filters of the others say. */
const combinedFilters = (combined: Combined): readonly FoundHazard[] => {
  const { sub, source } = combined;
  return shared(combined).flatMap((group) => {
    const filters = new Set(group.map(({ sent }) => sent.where));
    if (filters.size < 2) return [];
    const name = nameOf(group[0] as Sending);
    const open = group.filter(({ sent }) => sent.where === null);
    const remedy =
      'Nothing to do if that is intended. Otherwise list the table in one of these publications only.';
    return open.length > 0
      ? filtersHazard(
          'warning',
          combined,
          `Subscription ${sub.name} gets all rows of ${name} from node ${source}: publication ${publicationNames(open)} has no row filter, and the filters of the others do not count.`,
          remedy,
        )
      : filtersHazard(
          'notice',
          combined,
          `Subscription ${sub.name} receives every row of ${name} that passes the filter of at least one of publications ${publicationNames(group)}: PostgreSQL combines their row filters with OR.`,
          remedy,
        );
  });
};

/** TABLES IN SCHEMA of the same publication sends all rows. */
const filtersBesideSchemas = (combined: Combined): readonly FoundHazard[] =>
  combined.publications.flatMap(({ name, spec }) => {
    const tables = spec.tables.filter((it) => it.where !== null && isSentWithSchema(it, spec));
    if (tables.length === 0) return [];
    return [
      filtersHazard(
        'warning',
        combined,
        `Subscription ${combined.sub.name} gets all rows of ${listNames(tables.map(({ table }) => formatName(table)))} from node ${combined.source}: publication ${name} also publishes all tables of the schema, and a row filter does not count then.`,
        'List the tables of the schema by name (tables: [schema.*]), or move it to a publication of its own. Remove the filter if all rows are meant.',
      ),
    ];
  });

/** Of a subscription that the plan touches, by itself or through a publication. */
export const combinedHazards = (
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const combined = combinedIn(sub, context);
  if (combined === null) return [];
  return [
    ...partitionTwice(combined, context),
    ...differentColumns(combined),
    ...combinedFilters(combined),
    ...filtersBesideSchemas(combined),
  ];
};
