// schema_sync: strict. Published tables and columns must exist with the same types on the subscriber.

import type { FoundHazard } from '../../model/hazard.ts';
import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import type { PublishedTable, ResourceOf } from '../../model/resource.ts';
import type { Table } from '../../model/table.ts';
import { isKind, type PlanContext } from '../context.ts';
import { effectiveTables } from '../published-tables.ts';
import { hazard, listNames } from './hazard.ts';

type Subscription = ResourceOf<'subscription'>;
type Publication = ResourceOf<'publication'>;

const sentColumns = (sent: PublishedTable, table: Table, withGenerated: boolean) =>
  table.columns.filter(({ name, generated }) =>
    sent.columns === null ? !generated || withGenerated : sent.columns.includes(name),
  );

const columnFaults = (
  sent: PublishedTable,
  source: Table,
  target: Table,
  withGenerated: boolean,
): readonly string[] =>
  sentColumns(sent, source, withGenerated).flatMap(({ name, type }) => {
    const column = `${formatName(sent.table)}.${quoteIdentifier(name)}`;
    const found = target.columns.find((candidate) => candidate.name === name);
    if (found === undefined) return [`${column} is missing (${type})`];
    if (found.type !== type) return [`${column} is ${found.type}, published as ${type}`];
    return found.generated ? [`${column} is generated on the subscriber`] : [];
  });

/** Every difference that would stop apply, one phrase each. */
const differences = (
  sub: Subscription,
  publications: readonly Publication[],
  context: PlanContext,
): readonly string[] => {
  const { source } = sub.spec;
  const published = source === null ? undefined : context.tables.get(source);
  const own = context.tables.get(sub.node);
  if (published === undefined || own === undefined) return [];
  const specs = publications.map(({ spec }) => spec);
  const withGenerated = specs.some((spec) => spec.generatedColumns === 'stored');
  return effectiveTables(specs, published).flatMap((sent) => {
    const name = formatName(sent.table);
    const from = published.get(name);
    const to = own.get(name);
    if (from === undefined) return [];
    if (to === undefined) return [`table ${name} does not exist`];
    return columnFaults(sent, from, to, withGenerated);
  });
};

/** A block for a subscription whose tables differ in what apply needs. */
export const schemaMismatch = (sub: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const publications = [...context.want.values()]
    .filter(isKind('publication'))
    .filter(({ node, name }) => node === sub.spec.source && sub.spec.publications.includes(name));
  const faults = differences(sub, publications, context);
  if (faults.length === 0) return [];
  return [
    hazard(
      'block',
      'SCHEMA_MISMATCH',
      sub.address,
      `On node ${sub.node}: ${listNames(faults, 20)}. Apply would fail in a loop.`,
      `Bring the tables of node ${sub.node} in line (for a new subscriber: pg_dump --schema-only), then plan again.`,
    ),
  ];
};
