// What a merge of two nodes does to their rows and their writers, and what makes it impossible.

import { formatName } from '../../../model/identifier.ts';
import { plural } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { formatDuration } from '../../../model/quantity.ts';
import { type Address, addressOf } from '../../../model/state/address.ts';
import {
  type MergeNodeReading,
  type MergeReading,
  type MergeSide,
  type MergeTableReading,
  overwriteLimits,
} from '../../../model/state/merge.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import {
  isHalfMerged,
  isMergePending,
  type MergedPair,
  mergedPair,
  mergeReadingOf,
} from '../../facts/pairs/merged-pair.ts';
import { hazard, joinReasons } from '../hazard.ts';
import { unsentChanges } from './merge-publications.ts';
import { mergeTableFaults } from './merge-table-faults.ts';
import { halfWritten, neverMerged, unfinishedMerge, unfinishedStart } from './unfinished-merge.ts';

const sides = ['a', 'b'] as const;

/** Of all pairs that are merged by this plan. */
export const mergeHazards = (context: PlanContext): readonly FoundHazard[] =>
  context.cancel.length > 0 ? [] : joinReasons(ofMerges(context));

const ofMerges = (context: PlanContext): readonly FoundHazard[] =>
  [...context.want.values()].filter(isKind('subscription')).flatMap((sub) => {
    const pair = mergedPair(sub, context);
    const unfinished = unfinishedMerge(sub, pair, context);
    if (unfinished !== null) return [unfinished];
    if (pair === null || pair.forth.address !== sub.address) return [];
    if (isHalfMerged(pair, context)) return [halfThere(pair)];
    if (context.live.unmerged?.includes(pair.forth.address) === true) return [neverMerged(pair)];
    const reading = mergeReadingOf(pair, context);
    return isMergePending(pair, context) && reading !== undefined
      ? judge(pair, reading, context)
      : [];
  });

const judge = (
  pair: MergedPair,
  reading: MergeReading,
  context: PlanContext,
): readonly FoundHazard[] => {
  const refused = [
    ...unsentChanges(pair, context),
    ...refusals(pair, reading),
    ...sides.flatMap((side) => rights(pair, reading, side)),
  ];
  if (reading.written === 'both') return [...refused, unfinishedStart(pair)];
  if (reading.written === 'first') return [...refused, halfWritten(pair), ...locks(pair, reading)];
  return [
    ...refused,
    ...locks(pair, reading),
    ...reading.tables.flatMap((table) => [
      ...sides.flatMap((side) => overwrites(pair, table, side)),
      ...collides(pair, table),
    ]),
    ...deletesReturn(pair, reading),
  ];
};

const halfThere = ({ name, forth, back }: MergedPair): FoundHazard =>
  hazard(
    'block',
    'MERGE_REPLICATING',
    forth.address,
    `One direction of pair ${name} is there and the other is not: what was written meanwhile would be missing, and a merge would take rows that were received for rows of the node.`,
    `Drop ${forth.name} and ${back.name}, compare the rows of both nodes with steep verify -c, and plan again; or use init: { method: none }.`,
  );

const nodeOf = ({ a, b }: MergedPair, side: MergeSide): string => (side === 'a' ? a : b);

const endOf = ({ forth, back }: MergedPair, side: MergeSide) => (side === 'a' ? back : forth);

/** What takes no longer says little of the next time. */
const shortMs = 10_000;

/** On each node: agreeing to one says nothing of the other. */
const locks = (pair: MergedPair, { tables }: MergeReading): readonly FoundHazard[] => {
  const ms = tables.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  const time = ms < shortMs ? '' : `, ${formatDuration(ms)} or longer`;
  return sides.map((side) => {
    const node = nodeOf(pair, side);
    const limit =
      pair.settings.maxLockMs === null
        ? ''
        : ` max_lock ends it after ${formatDuration(pair.settings.maxLockMs)}, with nothing changed.`;
    return hazard(
      'danger',
      'MERGE_LOCKS',
      endOf(pair, side).address,
      `On node ${node}, writes to the tables of pair ${pair.name} wait while rows are written, and so do foreign key checks of other tables against them. Where it cannot be told what has changed since the rows were compared, all are compared again meanwhile${time}. Reads continue.${limit} Sequences of their columns get INCREMENT BY 2.`,
      'Apply when little is written. A limit: init.max_lock in steep.yaml.',
    );
  });
};

const tooMany = (address: Address, rows: number, limit: number): FoundHazard =>
  hazard(
    'block',
    'MERGE_REFUSED',
    address,
    `${plural(rows, 'row')} would be overwritten here, and max_overwrites allows ${limit}.`,
    'Look at the rows, and raise init.max_overwrites of the pair.',
  );

const overwrites = (
  pair: MergedPair,
  { table, losers, rules }: MergeTableReading,
  side: MergeSide,
): readonly FoundHazard[] => {
  const rows = losers[side];
  const name = formatName(table);
  const limit = overwriteLimits(pair.settings, name, losers)[side];
  if (limit === 0) return [];
  const [node, other] = [nodeOf(pair, side), nodeOf(pair, side === 'a' ? 'b' : 'a')];
  if (rows > limit) return [tooMany(addressOf(node, 'table', name), rows, limit)];
  const why = Object.entries(rules[side]).map(([rule, count]) => `${rule}: ${count}`);
  const because = why.length === 0 ? '' : ` (${why.join(', ')})`;
  const most = pair.settings.maxOverwrites === null ? '' : ` max_overwrites allows ${limit}.`;
  return [
    hazard(
      'danger',
      'MERGE_OVERWRITES',
      addressOf(node, 'table', name),
      `${plural(rows, 'row')} of ${name} on node ${node} will be overwritten with ${rows === 1 ? 'that' : 'those'} of node ${other}${because}.${most} Each is kept in steep_repl.merge_audit_log of node ${node}.`,
      `See which rows, before anything is changed: ${steepCommand`steep merge analyze ${pair.name} --conflicts conflicts.csv`}. Another strategy: init.strategy, or init.tables for this table.`,
    ),
  ];
};

/** As many rows as must differ before a table looks like two tables. */
const fewest = 10;

const collides = (pair: MergedPair, table: MergeTableReading): readonly FoundHazard[] => {
  const { numbered, different, equal } = table;
  if (!numbered || different < fewest || different <= equal) return [];
  return [
    hazard(
      'danger',
      'MERGE_KEYS_COLLIDE',
      addressOf(pair.b, 'table', formatName(table.table)),
      `Sequences number the rows of ${formatName(table.table)} on both nodes, and of ${different + equal} numbers that both have given, ${different} mean rows that differ: they may be different things under one number, of which only one would be left.`,
      'Look at some of them. If they are different things, give those of one node new numbers first.',
    ),
  ];
};

const deletesReturn = (pair: MergedPair, { tables }: MergeReading): readonly FoundHazard[] => {
  const only = (pick: (table: MergeTableReading) => number): number =>
    tables.reduce((sum, table) => sum + pick(table), 0);
  const [onlyA, onlyB] = [only((it) => it.onlyA), only((it) => it.onlyB)];
  if (onlyA + onlyB === 0) return [];
  return [
    hazard(
      'warning',
      'MERGE_DELETES_RETURN',
      pair.forth.address,
      `${plural(onlyA, 'row')} that only ${pair.a} has will be inserted on ${pair.b}, and ${plural(onlyB, 'row')} that only ${pair.b} has on ${pair.a}. A row that was deleted on one node and not on the other comes back.`,
      'Delete on both nodes what must not come back, before you apply.',
    ),
  ];
};

const remedyOf = ({ name, settings }: MergedPair, code: string): string =>
  code === 'MERGE_UNDECIDED' || code === 'MERGE_DECISION_STALE'
    ? `Write the file, set keep of each line to "a" or "b", and plan again: ${steepCommand`steep merge conflicts ${name} --out ${settings.decisions ?? ''}`}. Lines that are decided stay so.`
    : `Change that, or take the table out of pair ${name}: ${steepCommand`steep explain ${code}`}`;

const refusals = (pair: MergedPair, { tables }: MergeReading): readonly FoundHazard[] =>
  tables.flatMap(({ table, error, faults }) =>
    (error === null ? faults : [error]).map(({ code, message }) =>
      hazard(
        'block',
        'MERGE_REFUSED',
        addressOf(pair.b, 'table', formatName(table)),
        `${formatName(table)} cannot be merged (${code}): ${message}`,
        remedyOf(pair, code),
      ),
    ),
  );

const rights = (
  pair: MergedPair,
  { nodes }: MergeReading,
  side: MergeSide,
): readonly FoundHazard[] => {
  const node = nodeOf(pair, side);
  const { address } = endOf(pair, side);
  const read = nodes[side];
  return [
    ...(read.auditOwner === null
      ? []
      : [
          hazard(
            'block',
            'PRIVILEGE',
            address,
            `Role ${read.role} of node ${node} may not write to steep_repl.merge_audit_log, which belongs to ${read.auditOwner}.`,
            `On node ${node}: ALTER TABLE steep_repl.merge_audit_log OWNER TO ${read.role};`,
          ),
        ]),
    ...auditElsewhere(pair, read, side),
    ...mergeTableFaults(node, read),
  ];
};

const auditElsewhere = (
  pair: MergedPair,
  { auditBeside }: MergeNodeReading,
  side: MergeSide,
): readonly FoundHazard[] => {
  if (auditBeside) return [];
  const node = nodeOf(pair, side);
  return [
    hazard(
      'block',
      'MERGE_AUDIT_ELSEWHERE',
      endOf(pair, side).address,
      `steep_repl of node ${node} is in another database, so rows and what is on record of them could not be written in one transaction.`,
      `Take metadata_database of node ${node} out of steep.yaml.`,
    ),
  ];
};
