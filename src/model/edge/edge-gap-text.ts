// Gaps of an edge in words, the same in a plan, in status and in drift.

import { formatName, type QualifiedName, quoteIdentifier } from '../identifier.ts';
import { listNames, plural } from '../listing.ts';
import { type Address, addressOf, type NodeName, patternOf } from '../state/address.ts';
import { steepCommand } from '../steep-command.ts';
import type { EdgeGap, FaultCode, MovedPosition } from './edge-record.ts';

export interface SaidGap {
  readonly code:
    | 'SLOT_REPLACED'
    | 'POSITION_MOVED'
    | 'TABLE_REPLACED'
    | 'PARTITION_ATTACHED'
    | 'PUBLICATION_REPLACED'
    | 'COLUMN_NO_BACKFILL'
    | 'STALE_ROWS_LEFT'
    | FaultCode;
  /** Of what is to be copied again. */
  readonly address: Address;
  readonly message: string;
  /** The command that copies it again; of a fault, and of a partition that is to be detached, what to do by hand. */
  readonly command: string;
  /** The command is none of steep. */
  readonly byHand?: true;
  /** Rows are missing; otherwise too many are there. */
  readonly missing: boolean;
}

/** The edge that the gaps are of. */
export interface GapEdge {
  readonly node: NodeName;
  /** Of the subscription. */
  readonly name: string;
  readonly source: NodeName;
}

type Sentence = Pick<SaidGap, 'code' | 'message'>;
type TableGap = Extract<EdgeGap, { readonly table: QualifiedName }>;
type FaultGap = Extract<EdgeGap, { readonly kind: 'fault' }>;
type WholeGap = Exclude<EdgeGap, TableGap | FaultGap>;

const partitionsOf = (gaps: readonly TableGap[]): readonly string[] =>
  gaps.flatMap((gap) => ('partition' in gap ? [gap.partition] : []));

const attached = (table: string, names: readonly string[], edge: GapEdge): Sentence => ({
  code: 'PARTITION_ATTACHED',
  message: `${listNames(names)} became ${plural(names.length, 'partition')} of ${table} on node ${edge.source} after ${edge.name} had copied it, with rows from before: they were never sent to node ${edge.node}.`,
});

const reattached = (table: string, names: readonly string[], edge: GapEdge): Sentence => ({
  code: 'PARTITION_ATTACHED',
  message: `${listNames(names)} ${names.length === 1 ? 'was' : 'were'} detached from ${names.includes(table) ? 'what it is a partition of' : table} on node ${edge.source}, and attached again, after ${edge.name} had copied it: what was written there meanwhile was never sent to node ${edge.node}.`,
});

const detached = (table: string, names: readonly string[], edge: GapEdge): Sentence => ({
  code: 'STALE_ROWS_LEFT',
  message: `${listNames(names)} ${names.length === 1 ? 'is no partition' : 'are no partitions'} of ${table} on node ${edge.source} any more: rows that were replicated from there stay on node ${edge.node} until they are deleted there.`,
});

const left = (table: string, names: readonly string[], edge: GapEdge): Sentence => ({
  code: 'STALE_ROWS_LEFT',
  message: `${listNames(names)} ${names.length === 1 ? 'is no partition' : 'are no partitions'} of ${table} on node ${edge.source} any more, and still ${names.length === 1 ? 'one' : 'some'} on node ${edge.node}: a query of ${table} has rows there that it has not on node ${edge.source}.`,
});

const replaced = (table: string, edge: GapEdge): Sentence => ({
  code: 'TABLE_REPLACED',
  message: `${table} on node ${edge.source} is another table than the one that ${edge.name} has copied: rows of the former one are still on node ${edge.node}, and rows that the new one had before it took its place never arrive.`,
});

const unsent = (table: string, publication: string, edge: GapEdge): Sentence => ({
  code: 'PUBLICATION_REPLACED',
  message: `${table} was not published for ${edge.name} all the time since it was copied: on node ${edge.source} publication ${publication} was dropped and created again, or altered (ALTER PUBLICATION … SET), or the table was UNLOGGED, or was taken out of it, or out of the schema that it sends, and put back; or on node ${edge.node} a REFRESH took it in without a copy. What was written meanwhile never reaches node ${edge.node}, without an error.`,
});

const unlogged = (table: string, names: readonly string[], edge: GapEdge): Sentence => ({
  code: 'PUBLICATION_REPLACED',
  message: `${listNames(names)} on node ${edge.source} ${names.length === 1 ? 'is UNLOGGED or foreign, or was UNLOGGED' : 'are UNLOGGED or foreign, or were UNLOGGED'} for a while, since ${edge.name} has copied ${table}: what is written meanwhile never reaches node ${edge.node}, without an error.`,
});

const altered = (table: string, names: readonly string[], edge: GapEdge): Sentence => ({
  code: 'COLUMN_NO_BACKFILL',
  message: `${plural(names.length, 'column')} ${listNames(names)} of ${table} ${names.length === 1 ? 'was' : 'were'} altered after ${edge.name} had copied it: dropped and added again, renamed, or written again by ALTER TABLE (with USING, or to another type and back). Rows that were there have other values on node ${edge.source} than on node ${edge.node}, and nothing sends them.`,
});

const uncopied = (table: string, edge: GapEdge): Sentence => ({
  code: 'PUBLICATION_REPLACED',
  message: `${edge.name} took in ${table} without its rows (REFRESH without a copy): what the table held on node ${edge.source} until then never reaches node ${edge.node}, without an error.`,
});

const ofTable = (gaps: readonly TableGap[], edge: GapEdge): readonly SaidGap[] => {
  const [first] = gaps;
  if (first === undefined) return [];
  const table = formatName(first.table);
  const address = addressOf(edge.node, 'copy', `${quoteIdentifier(edge.name)}:${table}`);
  const names = partitionsOf(gaps);
  const said = {
    table: () => replaced(table, edge),
    unsent: () => unsent(table, 'publication' in first ? first.publication : '', edge),
    unlogged: () => unlogged(table, names, edge),
    uncopied: () => uncopied(table, edge),
    altered: () => altered(table, 'columns' in first ? first.columns : [], edge),
    attached: () => attached(table, names, edge),
    reattached: () => reattached(table, names, edge),
    detached: () => detached(table, names, edge),
    left: () => left(table, names, edge),
  }[first.kind]();
  if (first.kind === 'left') {
    const cure = names.map((name) => `ALTER TABLE ${table} DETACH PARTITION ${name};`).join(' ');
    const command = `On node ${edge.node}: ${cure}`;
    return [
      {
        ...said,
        address: addressOf(edge.node, 'table', table),
        command,
        byHand: true,
        missing: false,
      },
    ];
  }
  const command = steepCommand`steep apply --reinit ${patternOf(address)}`;
  return [{ ...said, address, command, missing: first.kind !== 'detached' }];
};

const replacedSlot = (slot: string, edge: GapEdge): Sentence => ({
  code: 'SLOT_REPLACED',
  message: `Slot ${slot} on node ${edge.source} was dropped and created again since the last apply: what was written between the last change that ${edge.name} has got and the new slot never arrives, without an error.`,
});

const moved = ({ what, slot, from, to }: WholeGap & MovedPosition, edge: GapEdge): Sentence => {
  if (what === 'reader')
    return {
      code: 'POSITION_MOVED',
      message: `${edge.name} was given slot ${to} on node ${edge.source} by hand, instead of ${from}: what was written between the last change that it has got and the position of slot ${to} never reaches node ${edge.node}, without an error.`,
    };
  const object =
    what === 'slot'
      ? `Slot ${slot} on node ${edge.source}`
      : `The replication origin of ${edge.name} on node ${edge.node}`;
  return {
    code: 'POSITION_MOVED',
    message: `${object} was moved by hand from ${from} to ${to} while ${edge.name} was disabled: what node ${edge.source} wrote in between never reaches node ${edge.node}, without an error.`,
  };
};

const ofWhole = (gap: WholeGap | FaultGap, edge: GapEdge): SaidGap => {
  const address = addressOf(edge.node, 'subscription', edge.name);
  if (gap.kind === 'fault') {
    const { code, message, cure } = gap;
    return { code, message, address, command: cure, byHand: true, missing: false };
  }
  const said = gap.kind === 'slot' ? replacedSlot(gap.slot, edge) : moved(gap, edge);
  const command = steepCommand`steep apply --reinit ${address}`;
  return { ...said, address, command, missing: true };
};

/** One for each table and kind of gap. */
export const sayGaps = (gaps: readonly EdgeGap[], edge: GapEdge): readonly SaidGap[] => {
  const whole = gaps.flatMap((gap) => ('table' in gap ? [] : [ofWhole(gap, edge)]));
  const tables = gaps.flatMap((gap): readonly TableGap[] => ('table' in gap ? [gap] : []));
  const groups = Map.groupBy(tables, ({ kind, table }) => `${kind} ${formatName(table)}`);
  return [...whole, ...[...groups.values()].flatMap((group) => ofTable(group, edge))];
};
