// What is wrong with the tables of a subscription as they are now: apply will stop at them, or store other rows than it is
// sent. It is said of edges that no plan touches, too, unless it was so when steep last applied.

import { type EdgeGap, type EdgeRecord, faultCodes } from '../../../model/edge/edge-record.ts';
import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { hazardKey } from '../../../model/plan/plan.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { LiveState } from '../../../model/state/state.ts';
import type { TableIndex } from '../../complete/published-tables.ts';
import type { PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';
import { type DesiredIdentity, keyFaults } from '../schema/key-faults.ts';
import { partitionFaults } from '../schema/partition-faults.ts';
import { replicaTriggers } from '../schema/replica-triggers.ts';
import { rowsNotFound } from '../schema/rows-not-found.ts';
import { hasDeferredKeys } from '../schema/schema-mismatch.ts';
import { type SentToEdge, sentNow } from '../schema/sent-to-edge.ts';
import { deferrableKeys } from '../schema/table-traps.ts';
import { sentTwiceNow } from './sent-twice.ts';

type Subscription = ResourceOf<'subscription'>;

const asItIs: DesiredIdentity = () => undefined;

/** A new child of a table that is published is in no publication. */
const unsentChildren = ({ sub, source, tables, published }: SentToEdge): readonly FoundHazard[] => {
  const sent = new Set(tables.map(({ table }) => formatName(table)));
  return tables.flatMap(({ table }) => {
    const children = (published.get(formatName(table))?.traps?.children ?? []).map(formatName);
    const unsent = children.filter((name) => !sent.has(name));
    if (unsent.length === 0) return [];
    return [
      hazard(
        'danger',
        'CHILDREN_UNSENT',
        sub.address,
        `${listNames(unsent)} ${unsent.length === 1 ? 'inherits' : 'inherit'} from ${formatName(table)} on node ${source}, and ${sub.name} does not get ${unsent.length === 1 ? 'it' : 'them'}: a query of ${formatName(table)} has rows there that never arrive on node ${sub.node}.`,
        `List ${listNames(unsent)} too, beside ${formatName(table)}, and create ${unsent.length === 1 ? 'the table' : 'the tables'} on node ${sub.node}.`,
      ),
    ];
  });
};

const mismatch = (edge: SentToEdge, live: LiveState): readonly FoundHazard[] => {
  const { sub } = edge;
  const keys = hasDeferredKeys(sub, live) ? [] : keyFaults(edge, asItIs);
  const faults = [...keys, ...partitionFaults(edge)];
  if (faults.length === 0) return [];
  return [
    hazard(
      'danger',
      'SCHEMA_MISMATCH',
      sub.address,
      `On node ${sub.node}: ${listNames(faults, 20)}.`,
      `Alter the tables of node ${sub.node} to match; with schema_sync: auto a plan does it.`,
    ),
  ];
};

/** Of one that is there, with both of its ends read. */
export const liveFaults = (
  sub: Subscription,
  live: LiveState,
  tables: ReadonlyMap<string, TableIndex>,
): readonly FoundHazard[] => {
  const edge = sentNow(sub, live, tables);
  if (edge === null) return [];
  return [
    ...sentTwiceNow(edge, live, tables),
    ...replicaTriggers(edge),
    ...rowsNotFound(edge, asItIs),
    ...deferrableKeys(edge),
    ...unsentChildren(edge),
    ...mismatch(edge, live),
  ].filter(({ severity }) => severity !== 'warning');
};

/** Records of earlier versions do not say what was allowed: the next apply notes it. */
export const newFaults = (
  faults: readonly FoundHazard[],
  { accepted }: EdgeRecord,
): readonly EdgeGap[] =>
  faults.flatMap(({ code: found, message, remedy: cure }): readonly EdgeGap[] => {
    const code = faultCodes.find((it) => it === found);
    if (code === undefined || accepted?.includes(message) !== false) return [];
    return [{ kind: 'fault', code, message, cure }];
  });

/**
 * What is noted as accepted from now on. What is on record for the first time was not, unless it was allowed; of a record
 * of an earlier version nothing is known. @param allowed keys of the hazards that the run was allowed
 */
export const acceptedFaults = (
  noted: EdgeRecord | undefined,
  faults: readonly FoundHazard[],
  allowed: ReadonlySet<string>,
): readonly string[] => {
  const isKnown = (message: string): boolean =>
    noted !== undefined && noted.accepted?.includes(message) !== false;
  return faults.flatMap((fault) =>
    isKnown(fault.message) || allowed.has(hazardKey(fault)) ? [fault.message] : [],
  );
};

/** Of an edge that a plan leaves as it is. What a plan brings in line with the publisher is no fault any more. */
export const faultHazards = (
  { address, node }: Subscription,
  { live }: PlanContext,
): readonly FoundHazard[] => {
  const isAligned = (live.alignments?.[node]?.statements.length ?? 0) > 0;
  return (live.edgeGaps?.[address] ?? []).flatMap((gap) =>
    gap.kind !== 'fault' || (isAligned && gap.code === 'SCHEMA_MISMATCH')
      ? []
      : [hazard('danger', gap.code, address, gap.message, gap.cure)],
  );
};
