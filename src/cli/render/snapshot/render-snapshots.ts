// A list of snapshots for people: a line each, newest first, and below it what is wrong with them.

import { plural } from '../../../model/listing.ts';
import { printable } from '../../../model/printable.ts';
import { formatCount, formatSize } from '../../../model/quantity.ts';
import type {
  AnchorReport,
  SnapshotEntry,
  SnapshotList,
} from '../../../model/snapshot/snapshot-report.ts';
import { alignColumns } from '../layout.ts';
import type { Style } from '../style.ts';

/** For people. For machines, the list itself is the JSON document. */
export const renderSnapshots = ({ location, snapshots }: SnapshotList, style: Style): string => {
  const where = location === null ? 'on record' : `below ${printable(location)}`;
  if (snapshots.length === 0) return `No snapshot ${where}.`;
  const [head = '', ...rows] = alignColumns([
    location === null
      ? [...header, 'slot', 'WAL kept', 'location']
      : [...header, 'slot', 'location'],
    ...snapshots.map((entry) => row(entry, location === null, style)),
  ]);
  const notes = snapshots.flatMap((entry) => notesOf(entry, style));
  return [
    style.bold(head),
    ...rows,
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
    `${plural(snapshots.length, 'snapshot')} ${where}.`,
  ].join('\n');
};

const header = [
  'snapshot',
  'status',
  'made',
  'source',
  'LSN',
  'tables',
  'rows',
  'size',
  'stored',
  'compression',
];

const row = (entry: SnapshotEntry, isOnRecord: boolean, style: Style): readonly string[] => [
  printable(entry.snapshotId ?? '-'),
  statusWord(entry, style),
  printable(entry.createdAt?.replace(/\.\d+Z$/, 'Z') ?? '-'),
  printable(entry.node ?? '-'),
  printable(entry.lsn ?? '-'),
  String(entry.tables ?? '-'),
  entry.rows === null ? '-' : formatCount(entry.rows),
  entry.bytes === null ? '-' : formatSize(entry.bytes),
  entry.storedBytes === null ? '-' : formatSize(entry.storedBytes),
  printable(entry.compression ?? '-'),
  slotWord(entry, style),
  ...(isOnRecord ? [walWord(entry.anchor)] : []),
  printable(entry.location),
];

/** Bad news in capitals: it must be seen without colour too. */
const statusWord = ({ status }: SnapshotEntry, style: Style): string => {
  switch (status) {
    case 'complete':
      return style.good(status);
    case 'damaged':
      return style.bad('DAMAGED');
    case 'failed':
      return style.bad('FAILED');
    case 'unfinished':
    case 'generating':
      return style.caution(status);
    case 'deleted':
      return style.dim(status);
  }
};

const slotWord = ({ slot, anchor }: SnapshotEntry, style: Style): string => {
  if (slot === null) return '-';
  const state = anchor?.state ?? 'kept';
  return state === 'kept'
    ? printable(slot)
    : `${printable(slot)} ${style.bad(`(${state.toUpperCase()})`)}`;
};

const walWord = (anchor: AnchorReport | null): string => {
  if (anchor === null || anchor.retainedBytes === null) return '-';
  const { walStatus, retainedBytes } = anchor;
  return `${formatSize(retainedBytes)}${walStatus === null ? '' : ` (${walStatus})`}`;
};

const notesOf = (entry: SnapshotEntry, style: Style): readonly string[] => {
  const name = style.bold(printable(entry.snapshotId ?? entry.location));
  return [
    ...(entry.error === null ? [] : [`${name}: ${printable(entry.error)}`]),
    ...anchorNotes(entry).map((note) => `${name}: ${printable(note)}`),
  ];
};

const useless =
  'no subscription can start from this snapshot any more. Generate a new one, and delete this one.';

const anchorNotes = ({ slot, anchor, status, lsn }: SnapshotEntry): readonly string[] => {
  if (slot === null || anchor === null) return [];
  switch (anchor.state) {
    case 'lost':
      return [`slot ${slot} is lost: the server has removed WAL that it needs; ${useless}`];
    case 'missing':
      return status === 'complete' ? [`slot ${slot} no longer exists: ${useless}`] : [];
    case 'moved':
      return [`slot ${slot} was read, and is no longer at ${lsn ?? 'its position'}: ${useless}`];
    case 'active':
      return [`slot ${slot} is being read by another session: soon ${useless}`];
    case 'kept':
      return anchor.walStatus === 'unreserved'
        ? [
            `slot ${slot} keeps more WAL than max_slot_wal_keep_size, and is lost at the next checkpoint. Raise it.`,
          ]
        : [];
  }
};
