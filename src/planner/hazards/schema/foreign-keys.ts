// Foreign keys of the subscriber from and to tables which are sent: replication neither checks nor fires them, and a
// TRUNCATE that they would refuse stops apply.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type {
  PublicationSpec,
  PublishOperation,
  ResourceOf,
} from '../../../model/state/resource.ts';
import type { TableReference } from '../../../model/state/surroundings.ts';
import { effectiveTables, type TableIndex } from '../../complete/published-tables.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import { namesWithRoots } from '../../facts/emptied-together.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

const described = (references: readonly TableReference[]): string =>
  listNames(references.map(({ table, to }) => `${formatName(table)} to ${formatName(to)}`));

const notFired = (sub: Subscription, references: readonly TableReference[]): FoundHazard =>
  hazard(
    'warning',
    'CASCADE_NOT_FIRED',
    sub.address,
    `Replication fires no foreign key: where a row is deleted or gets another key on node ${sub.spec.source ?? ''}, ON DELETE and ON UPDATE of these foreign keys change nothing on node ${sub.node}, without an error: ${described(references)}. Rows that refer to it stay.`,
    `Let ${sub.name} send the referring tables too, with UPDATE and DELETE: then the publisher sends what its own foreign keys change. Otherwise delete such rows on node ${sub.node} yourself.`,
  );

const truncateBlocked = (sub: Subscription, references: readonly TableReference[]): FoundHazard =>
  hazard(
    'warning',
    'TRUNCATE_BLOCKED',
    sub.address,
    `A TRUNCATE on node ${sub.spec.source ?? ''} would stop apply on node ${sub.node}, where tables that it does not empty refer to the table: ${described(references)}.`,
    `Leave truncate out of publish, or drop the foreign key on node ${sub.node}, or let ${sub.name} send the referring tables too, with a foreign key on node ${sub.spec.source ?? ''} as well.`,
  );

const unfilled = (sub: Subscription, references: readonly TableReference[]): FoundHazard =>
  hazard(
    'warning',
    'REFERENCED_NOT_SENT',
    sub.address,
    `Replication checks no foreign key, and no subscription fills the tables of node ${sub.node} that these lead to: ${described(references)}. Rows of ${sub.name} may refer to rows that are not there, without an error, until the foreign key is created again, as a restore of a backup does.`,
    `Let ${sub.name} send the referenced tables too, or drop these foreign keys on node ${sub.node}.`,
  );

/** From tables that this subscription fills to tables that none does. */
const leadingNowhere = (
  sub: Subscription,
  own: readonly TableReference[],
  context: PlanContext,
): readonly TableReference[] => {
  const copies = [...context.want.values()]
    .filter(isKind('copy'))
    .filter(({ node }) => node === sub.node);
  const tablesOf = (all: typeof copies) => all.map(({ spec }) => spec.table);
  const filled = namesWithRoots(sub.node, tablesOf(copies), context);
  const ofThis = copies.filter(({ spec }) => spec.subscription === sub.name);
  const from = namesWithRoots(sub.node, tablesOf(ofThis), context);
  return own.filter(({ table, to }) => from.has(formatName(table)) && !filled.has(formatName(to)));
};

/** Of a desired subscription, and what its publications send of the tables of its source. */
export const foreignKeyHazards = (
  sub: Subscription,
  specs: readonly PublicationSpec[],
  published: TableIndex,
  context: PlanContext,
): readonly FoundHazard[] => {
  const sending = (...operations: readonly PublishOperation[]): ReadonlySet<string> =>
    new Set(
      effectiveTables(
        specs.filter(({ publish }) => operations.some((it) => publish.includes(it))),
        published,
      ).map(({ table }) => formatName(table)),
    );
  const keyOf = ({ table, to }: TableReference): string => `${formatName(table)} ${formatName(to)}`;
  const ofSource = new Set(context.live.nodes[sub.spec.source ?? '']?.references?.map(keyOf));
  const own = context.live.nodes[sub.node]?.references ?? [];
  /** The publisher does the same there, and sends it. */
  const onBoth = (it: TableReference, sent: ReadonlySet<string>): boolean =>
    sent.has(formatName(it.table)) && ofSource.has(keyOf(it));
  const [changed, emptied] = [sending('update', 'delete'), sending('truncate')];
  const silent = own.filter(
    (it) => it.foreignKey === 'cascades' && changed.has(formatName(it.to)) && !onBoth(it, changed),
  );
  const refused = own.filter((it) => emptied.has(formatName(it.to)) && !onBoth(it, emptied));
  const nowhere = leadingNowhere(sub, own, context);
  return [
    ...(nowhere.length > 0 ? [unfilled(sub, nowhere)] : []),
    ...(silent.length > 0 ? [notFired(sub, silent)] : []),
    ...(refused.length > 0 ? [truncateBlocked(sub, refused)] : []),
  ];
};
