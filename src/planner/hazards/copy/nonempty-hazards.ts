// Copies into tables that hold rows already: what would happen, and what emptying them means.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import { listNames, plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatCount } from '../../../model/quantity.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { have, type PlanContext, tableOf } from '../../context/context.ts';
import { emptyReferring } from '../../facts/emptied-together.ts';
import { unfinishedCopy } from '../../facts/initial-copy.ts';
import { wayOf } from '../../facts/new-copy.ts';
import {
  type CopiedPair,
  copiedPair,
  type Growth,
  growthOf,
} from '../../facts/pairs/copied-pair.ts';
import { loadedTables } from '../../facts/snapshot/loaded-tables.ts';
import { hazard } from '../hazard.ts';
import { emptyingHazards, obstacles } from './reinit-hazards.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Tables that are initialized again: this plan empties them, or nothing was written since an interrupted one did. */
const emptiedFirst = (sub: Subscription, { reinits }: PlanContext): readonly QualifiedName[] =>
  reinits
    .filter((reinit) => reinit.sub.address === sub.address && reinit.stage !== 'back')
    .flatMap(({ tables }) => tables);

/** Rows that are kept or undone. A copy by PostgreSQL does neither. */
const ofInterruptedCopy = (sub: Subscription, context: PlanContext): readonly QualifiedName[] => {
  if (!wayOf(sub, context).ownsRows) return [];
  return unfinishedCopy(sub, context)?.filled ?? [];
};

/** Tables with rows that are not what an interrupted copy has brought. */
const filledTables = (
  names: readonly QualifiedName[],
  sub: Subscription,
  context: PlanContext,
): readonly Table[] => {
  const own = new Set(
    [
      ...ofInterruptedCopy(sub, context),
      ...loadedTables(sub, context),
      ...emptiedFirst(sub, context),
    ].map(formatName),
  );
  return names.flatMap((name) => {
    const table = tableOf(context, sub.node, name);
    return table?.hasRows === true && !own.has(formatName(name)) ? [table] : [];
  });
};

const withCounts = (tables: readonly Table[]): string =>
  listNames(
    tables.map(({ name, hasRows, estimatedRows }) => {
      const rows = hasRows === false ? 0 : estimatedRows;
      return `${formatName(name)}: ${formatCount(rows)} rows`;
    }),
  );

/**
 * Anyone who asks for the whole subscription again knows that there are rows: all of its tables are emptied, or none.
 * What is loaded again from a snapshot already stays.
 */
const emptiedAsWhole = (
  sub: Subscription,
  names: readonly QualifiedName[],
  context: PlanContext,
): readonly QualifiedName[] => {
  const loaded = new Set(loadedTables(sub, context).map(formatName));
  const there = names.filter(
    (name) => tableOf(context, sub.node, name) !== undefined && !loaded.has(formatName(name)),
  );
  const isThere = have(context, 'subscription', sub.node, sub.name) !== undefined;
  return isThere || filledTables(names, sub, context).length > 0 ? there : [];
};

/** The tables that `--force` or `--reinit` empties, and what is lost with them. */
export const truncateHazards = (
  sub: Subscription,
  names: readonly QualifiedName[],
  context: PlanContext,
): { readonly tables: readonly QualifiedName[]; readonly hazards: readonly FoundHazard[] } => {
  if (context.whole.emptied.has(sub.address)) {
    const tables = emptiedAsWhole(sub, names, context);
    return {
      tables,
      hazards: tables.length === 0 ? [] : emptyingHazards(sub, tables, context),
    };
  }
  const filled = context.force ? filledTables(names, sub, context) : [];
  if (filled.length === 0) return { tables: [], hazards: [] };
  const tables = filled.map(({ name }) => name);
  const referring = emptyReferring(sub.node, tables, context);
  const emptied = [
    ...filled,
    ...referring.flatMap((name) => tableOf(context, sub.node, name) ?? []),
  ];
  const lost = hazard(
    'danger',
    'TARGET_TRUNCATE',
    sub.address,
    `TRUNCATE empties ${plural(emptied.length, 'table')} on node ${sub.node} (${withCounts(emptied)}): these rows are gone.`,
    `Save rows that exist only there, or use init: none if both nodes have the same rows.`,
  );
  return { tables, hazards: [lost, ...obstacles(sub, tables, context)] };
};

/** `own`: steep copies, and refuses what PostgreSQL would try again and again. */
export const intoNonempty = (
  copies: readonly Copy[],
  sub: Subscription,
  own: boolean,
  context: PlanContext,
): readonly FoundHazard[] => {
  const filled = filledTables(
    copies.map(({ spec }) => spec.table),
    sub,
    context,
  );
  const emptied = context.whole.emptied.has(sub.address) || (own && context.force);
  if (filled.length === 0 || emptied) return [];
  const names = withCounts(filled);
  const pair = copiedPair(sub, context);
  const growth = pair === null ? null : growthOf(pair, context);
  // Once the way back is paused, such rows wait in its slot: they are no reason to stop for good.
  if (pair !== null && growth?.admitted !== true) {
    const cure = cureOfPair(pair, growth, context);
    return [intoPair(pair, `${plural(filled.length, 'table')} (${names})`, cure)];
  }
  if (own) return [refused(sub, filled, names)];
  return [
    hazard(
      'danger',
      'COPY_INTO_NONEMPTY',
      sub.address,
      `${plural(filled.length, 'table')} on node ${sub.node} ${filled.length === 1 ? 'holds' : 'hold'} rows already, or may (${names}): with a primary key the copy fails repeatedly and its slot keeps WAL; without one the rows are duplicated.`,
      'Empty the tables on the subscriber first, or use init: none if both nodes have the same rows.',
    ),
  ];
};

const refused = ({ node, address }: Subscription, filled: readonly Table[], names: string) =>
  hazard(
    'block',
    'COPY_INTO_NONEMPTY',
    address,
    `${plural(filled.length, 'table')} on node ${node} ${filled.length === 1 ? 'holds' : 'hold'} rows already, or may (${names}): a copy would fail with duplicate keys, or duplicate the rows.`,
    'Empty the tables on the subscriber, or plan with --force, which empties them after consent; or use init: none if both nodes have the same rows.',
  );

/** Rows of the second node that would not reach the first one. */
const intoPair = (
  { name, forth: { node, address, spec } }: CopiedPair,
  filled: string,
  cure: string,
) =>
  hazard(
    'block',
    'COPY_INTO_NONEMPTY',
    address,
    `Pair ${name} copies from ${spec.source ?? '?'} to ${node}, and on ${node} ${filled} hold rows already, or may: rows that exist only there would never reach ${spec.source ?? '?'}, and the others would cause duplicate keys.`,
    `${cure} If both nodes have the same rows: init: { method: none }.`,
  );

/** How the tables of the second node become empty, and no others with them. */
const cureOfPair = (
  { name, forth, back }: CopiedPair,
  growth: Growth | null,
  context: PlanContext,
): string => {
  const { node, spec } = forth;
  const first = spec.source ?? '?';
  if (growth?.known === true) {
    return `DELETE those rows on node ${node}, which deletes them on ${first} too. Do not TRUNCATE: that is replicated, and would empty both sides.`;
  }
  // The way back of before is still there, and is to be replaced.
  if (growth === null && have(context, 'subscription', back.node, back.name) !== undefined) {
    return `Do not empty them yet: ${back.name} would empty node ${first} too. Remove pair ${name} from steep.yaml, apply with --prune, empty them on node ${node}, and add the pair back.`;
  }
  return `Empty them on node ${node}, or swap the nodes of the pair if its rows are the ones to copy.`;
};
