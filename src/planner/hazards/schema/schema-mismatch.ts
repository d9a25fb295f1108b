// Published tables and columns must exist with the same types on the subscriber. With schema_sync: strict a
// difference is a block, with manual a danger; with auto the plan itself brings the subscriber in line.

import { formatName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { desiredSubscription, isKind, type PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

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

/** What the plan will have brought in line counts no more; what it cannot is reported. */
const leftByAuto = (
  faults: readonly string[],
  sub: Subscription,
  context: PlanContext,
): readonly string[] => {
  const alignment = context.live.alignments?.[sub.node];
  if (alignment === undefined) return faults;
  return alignment.statements.length > 0 ? [] : faults;
};

const manual = (sub: Subscription, faults: readonly string[]): FoundHazard =>
  hazard(
    'danger',
    'SCHEMA_MISMATCH',
    sub.address,
    `On node ${sub.node}: ${listNames(faults, 20)}. Until the tables match, apply fails repeatedly.`,
    'Alter them before or directly after the plan; or use schema_sync: auto.',
  );

/** For a subscription whose tables differ in what apply needs. */
export const schemaMismatch = (sub: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const publications = [...context.want.values()]
    .filter(isKind('publication'))
    .filter(({ node, name }) => node === sub.spec.source && sub.spec.publications.includes(name));
  const mode = desiredSubscription(context, sub.node, sub.name)?.schemaSync ?? 'strict';
  const found = differences(sub, publications, context);
  const faults = mode === 'auto' ? leftByAuto(found, sub, context) : found;
  if (faults.length === 0) return [];
  if (mode === 'manual') return [manual(sub, faults)];
  return [
    hazard(
      'block',
      'SCHEMA_MISMATCH',
      sub.address,
      `On node ${sub.node}: ${listNames(faults, 20)}. Apply would fail repeatedly.`,
      `Alter the tables of node ${sub.node} to match (for a new subscriber: pg_dump --schema-only), then plan again.`,
    ),
  ];
};
