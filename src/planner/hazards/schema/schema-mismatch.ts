// Published tables and what they need must be on the subscriber as `steep schema diff` judges it. With schema_sync: strict
// what would stop apply is a block, with manual a danger; with auto the plan itself brings the subscriber in line.

import { formatName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { SchemaDifference, SentDifference } from '../../../model/schema/schema-difference.ts';
import { isSentAlikeInBinary } from '../../../model/schema/type-widening.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState } from '../../../model/state/state.ts';
import { desiredSubscription, type PlanContext, want } from '../../context/context.ts';
import { hazard } from '../hazard.ts';
import { keyFaults } from './key-faults.ts';
import { isOtherPartition, partitionFaults } from './partition-faults.ts';
import { sentTo } from './sent-to-edge.ts';

type Subscription = ResourceOf<'subscription'>;

const binaryType: Pick<SchemaDifference, 'effect' | 'why'> = {
  effect: 'stops',
  why: 'The subscription has binary: true: between other types apply stops, or stores other values without an error.',
};

/** Keys are judged by what the publication sends of them: keyFaults; and partitions by their bounds: partitionFaults. */
const asApplied = (found: SchemaDifference, { spec }: Subscription): SchemaDifference => {
  const { part, local, remote } = found;
  const binary = spec.options.binary === 'true' && part === 'type of column';
  return binary && !isSentAlikeInBinary(local ?? '', remote ?? '')
    ? { ...found, ...binaryType }
    : found;
};

/** A table that a crash of the subscriber empties is as bad as one that stops apply. */
const counts = ({ part, effect, remote }: SchemaDifference): boolean =>
  (effect === 'stops' && part !== 'replica identity') ||
  (part === 'persistence' && remote === 'UNLOGGED');

/** One phrase. */
const said = (table: string, found: SchemaDifference): string => {
  const { part, name, local, remote, why } = found;
  const column = `${table}.${quoteIdentifier(name ?? '')}`;
  if (part === 'table') return `table ${table} does not exist`;
  if (part === 'type of column') return `${column} is ${remote}, published as ${local}`;
  if (part === 'column' && remote === null)
    return `${column} is missing (${local?.slice(quoteIdentifier(name ?? '').length + 1)})`;
  if (part === 'NOT NULL') return `${column} is NOT NULL, and NULL may be sent`;
  const what = name === null ? part : `${part} ${name}`;
  const has = remote === null ? 'is missing' : `is ${remote}`;
  const published = local === null ? 'and the publisher has none' : `published as ${local}`;
  return `${what} of ${table} ${has}, ${published} (${why.replace(/\.$/, '')})`;
};

/** What `auto` does not bring in line: the subscriber's own keys, checks and the like. */
const isOwn = ({ part, local }: SchemaDifference): boolean =>
  local === null && (part === 'constraint' || part === 'index');

interface Faults {
  readonly own: readonly string[];
  readonly others: readonly string[];
}

const faultsOf = (sub: Subscription, context: PlanContext): Faults => {
  const tables: readonly SentDifference[] = context.live.sentDifferences?.[sub.address] ?? [];
  const found = tables.flatMap(({ name, differences }) =>
    differences
      .map((it) => asApplied(it, sub))
      .filter(counts)
      .filter(({ part }) => part !== 'partitioning' || isOtherPartition(name, sub, context))
      .map((it) => ({ own: isOwn(it), text: said(formatName(name), it) })),
  );
  const texts = (own: boolean): readonly string[] =>
    found.filter((it) => it.own === own).map(({ text }) => text);
  const sent = sentTo(sub, context);
  if (sent === null) return { own: texts(true), others: texts(false) };
  const desired = (table: string) => want(context, 'identity', sent.source, table)?.spec;
  const keys = hasDeferredKeys(sub, context.live) ? [] : keyFaults(sent, desired);
  return { own: texts(true), others: [...texts(false), ...keys, ...partitionFaults(sent)] };
};

/** An interrupted copy has dropped keys, and creates them again when it is finished or undone. */
export const hasDeferredKeys = ({ node }: Subscription, { nodes }: LiveState): boolean => {
  const { unfinishedCopies = [], deferredFor = [] } = nodes[node] ?? {};
  return unfinishedCopies.length > 0 || deferredFor.length > 0;
};

/** What the plan will have brought in line counts no more; what it cannot is reported. */
const leftByAuto = (
  { own, others }: Faults,
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const alignment = context.live.alignments?.[sub.node];
  const brought = alignment !== undefined && alignment.statements.length > 0;
  return [
    ...(brought || others.length === 0 ? [] : [strict(sub, others)]),
    ...(own.length === 0 ? [] : [manual(sub, own, alterThem)]),
  ];
};

/** What `auto` does not do. */
const alterThem = 'Alter them before or directly after the plan.';

const manual = (
  sub: Subscription,
  faults: readonly string[],
  cure = 'Alter them before or directly after the plan; or use schema_sync: auto.',
): FoundHazard =>
  hazard(
    'danger',
    'SCHEMA_MISMATCH',
    sub.address,
    `On node ${sub.node}: ${listNames(faults, 20)}. Until the tables match, apply fails repeatedly.`,
    cure,
  );

const strict = (sub: Subscription, faults: readonly string[]): FoundHazard =>
  hazard(
    'block',
    'SCHEMA_MISMATCH',
    sub.address,
    `On node ${sub.node}: ${listNames(faults, 20)}. Apply would fail repeatedly.`,
    `Alter the tables of node ${sub.node} to match (for a new subscriber: pg_dump --schema-only), then plan again. Where a difference is meant, schema_sync: manual lets you allow it.`,
  );

const asPhrase = (sentence: string): string =>
  `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`;

const valueParts: ReadonlySet<SchemaDifference['part']> = new Set([
  'type of column',
  'generated column',
]);

/** Columns that get other values than the publisher has, where apply continues. */
const converted = (sub: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const tables: readonly SentDifference[] = context.live.sentDifferences?.[sub.address] ?? [];
  const found = tables.flatMap(({ name, differences }) =>
    differences
      .map((it) => asApplied(it, sub))
      .filter(({ part, effect }) => valueParts.has(part) && effect === 'silent')
      .map((it) => `${said(formatName(name), it)} (${asPhrase(it.why)})`),
  );
  if (found.length === 0) return [];
  return [
    hazard(
      'danger',
      'VALUES_CONVERTED',
      sub.address,
      `On node ${sub.node}: ${listNames(found, 20)}. Replicated values would differ from those of node ${sub.spec.source ?? '?'}, and nothing would say so.`,
      `Define the columns of node ${sub.node} as the publisher has them, and copy the tables again if they have rows; or use schema_sync: auto.`,
    ),
  ];
};

/** For a subscription whose tables differ in what apply needs. */
export const schemaMismatch = (sub: Subscription, context: PlanContext): readonly FoundHazard[] => {
  const mode = desiredSubscription(context, sub.node, sub.name)?.schemaSync ?? 'strict';
  const faults = faultsOf(sub, context);
  if (mode === 'auto') return leftByAuto(faults, sub, context);
  const all = [...faults.others, ...faults.own];
  return [
    ...(all.length === 0 ? [] : [mode === 'manual' ? manual(sub, all) : strict(sub, all)]),
    ...converted(sub, context),
  ];
};
