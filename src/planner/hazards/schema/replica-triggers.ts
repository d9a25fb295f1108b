// Triggers of the subscriber that fire for what is copied and replicated: ENABLE ALWAYS and ENABLE REPLICA.

import { formatName, type QualifiedName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { ReplicaTrigger } from '../../../model/state/table-traps.ts';
import { withPartitions } from '../../complete/sent-tables.ts';
import { hazard } from '../hazard.ts';
import type { SentToEdge } from './sent-to-edge.ts';

type Subscription = ResourceOf<'subscription'>;

interface Firing extends ReplicaTrigger {
  readonly table: QualifiedName;
}

const described = (triggers: readonly Firing[]): string =>
  listNames(triggers.map(({ name, table }) => `${quoteIdentifier(name)} of ${formatName(table)}`));

const forApplications = (triggers: readonly Firing[]): string =>
  triggers
    .map(
      ({ name, table }) =>
        `ALTER TABLE ${formatName(table)} ENABLE TRIGGER ${quoteIdentifier(name)};`,
    )
    .join(' ');

const changing = (
  { node, address }: Subscription,
  triggers: readonly Firing[],
  others: readonly Firing[],
): FoundHazard => {
  const also = others.length === 0 ? '' : ` These fire too: ${described(others)}.`;
  return hazard(
    'danger',
    'REPLICA_TRIGGERS',
    address,
    `On node ${node} these triggers are called for each row that is copied or replicated, before it is stored: ${described(triggers)}. They can change the row or leave it out, and the nodes then do not hold the same rows, without an error.${also}`,
    `Let them fire only in sessions of applications, on node ${node}: ${forApplications(triggers)} If they change nothing that is replicated, allow the hazard.`,
  );
};

const adding = ({ node, address }: Subscription, triggers: readonly Firing[]): FoundHazard =>
  hazard(
    'warning',
    'REPLICA_TRIGGERS',
    address,
    `On node ${node} these triggers fire for what is copied or replicated too: ${described(triggers)}. What they write comes in addition to what the publisher sends.`,
    `Nothing to do where that is meant. Otherwise, on node ${node}: ${forApplications(triggers)}`,
  );

/** Of the tables that a subscription fills. Those of partitions fire for rows of their root. */
export const replicaTriggers = ({ sub, tables, own }: SentToEdge): readonly FoundHazard[] => {
  const filled = new Map(
    tables
      .flatMap((sent) => withPartitions(sent, own))
      .map((name) => [formatName(name), name] as const),
  );
  const firing = [...filled].flatMap(([name, table]) =>
    (own.get(name)?.traps?.replicaTriggers ?? []).map((trigger) => ({ ...trigger, table })),
  );
  const before = firing.filter(({ changesRows }) => changesRows);
  const others = firing.filter(({ changesRows }) => !changesRows);
  if (before.length > 0) return [changing(sub, before, others)];
  return others.length > 0 ? [adding(sub, others)] : [];
};
