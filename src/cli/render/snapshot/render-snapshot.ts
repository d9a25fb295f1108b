// One snapshot for people: what its manifest says, and what to do with it; whether it is whole.

import { formatName } from '../../../model/identifier.ts';
import { plural } from '../../../model/listing.ts';
import { printable } from '../../../model/printable.ts';
import { formatCount, formatDuration, formatPart, formatSize } from '../../../model/quantity.ts';
import type { SnapshotManifest, SnapshotTable } from '../../../model/snapshot/snapshot.ts';
import type { LoadReport } from '../../../model/snapshot/snapshot-report.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { alignColumns } from '../layout.ts';
import type { Style } from '../style.ts';

interface Shown {
  readonly manifest: SnapshotManifest;
  readonly location: string;
  /** Of the source. */
  readonly version: string;
}

/** For people. For machines, the manifest itself is the JSON document. */
export const renderSnapshot = (shown: Shown, style: Style): string => {
  const { manifest, location } = shown;
  return [
    style.bold(`Snapshot ${printable(manifest.snapshotId)}`),
    ...alignColumns(facts(shown).map((row) => row.map(printable))).map((line) => `  ${line}`),
    '',
    ...tableLines(manifest, style),
    '',
    'To fill a node from it:',
    `  ${steepCommand`steep snapshot apply --node NODE --input ${location} --create-subscription`}`,
    'To read and hash every file of it:',
    `  ${steepCommand`steep snapshot verify --input ${location}`}`,
  ].join('\n');
};

const facts = ({
  manifest: { source, ...manifest },
  location,
  version,
}: Shown): readonly (readonly string[])[] => [
  ['made', `${manifest.createdAt} by steep ${manifest.steepVersion}`],
  [
    'source',
    `${source.node}, PostgreSQL ${version}, database ${source.database} (${source.encoding})`,
  ],
  ['cluster', `${source.systemIdentifier}, timeline ${source.timeline}`],
  ['LSN', manifest.lsn],
  [
    'slot',
    manifest.slot === null
      ? 'none: no subscription can start from it'
      : `${manifest.slot}: keeps the WAL since then, and is not read`,
  ],
  ['publications', manifest.publications.join(', ') || 'none: tables were chosen'],
  ['compression', manifest.compression],
  ['location', location],
];

const tableHeader = ['table', 'rows', 'size', 'stored', 'files', ''];

const tableLines = ({ tables }: SnapshotManifest, style: Style): readonly string[] => {
  const [head = '', ...rows] = alignColumns([tableHeader, ...tables.map(tableRow)]);
  const rowCount = tables.reduce((sum, { rows: count }) => sum + count, 0);
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  const stored = tables.reduce((sum, table) => sum + storedOf(table), 0);
  return [
    style.bold(`  ${head}`),
    ...rows.map((line) => `  ${line}`),
    `${plural(tables.length, 'table')}, ${formatCount(rowCount)} rows, ${formatSize(bytes)}, ${formatSize(stored)} stored.`,
  ];
};

const storedOf = ({ chunks }: SnapshotTable): number =>
  chunks.reduce((sum, { storedBytes }) => sum + storedBytes, 0);

const tableRow = (table: SnapshotTable): readonly string[] => [
  printable(formatName(table)),
  formatCount(table.rows),
  formatSize(table.bytes),
  formatSize(storedOf(table)),
  String(table.chunks.filter(({ file }) => file !== null).length),
  table.filter === null ? '' : `where ${printable(table.filter)}`,
];

/** How far the reading is. */
export const verifyingText = ({
  bytesDone,
  bytesTotal,
}: {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}): string => {
  const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytesDone) / bytesTotal);
  return `Reading: ${percent}% ${formatPart(bytesDone, bytesTotal)}`;
};

const signatureWords = {
  verified: 'the signature matches the given key',
  present: 'signed, but not verified: use --verify-with KEY',
  none: 'not signed',
} as const;

interface Verified {
  readonly manifestSha256: string;
  readonly signature: keyof typeof signatureWords;
  readonly snapshotId: string;
  readonly location: string;
  readonly tables: number;
  readonly rows: number;
  readonly storedBytes: number;
  readonly faults: readonly { readonly path: string; readonly fault: string }[];
}

/** Every fault is named, however many there are. */
export const renderVerified = (report: Verified, style: Style): string => {
  const { snapshotId, location, faults } = report;
  if (faults.length === 0) {
    const { tables, rows, storedBytes } = report;
    return [
      `${style.good('Intact:')} snapshot ${printable(snapshotId)}, ${plural(tables, 'table')}, ${formatCount(rows)} rows, ${formatSize(storedBytes)}.`,
      `SHA-256 of manifest.json: ${report.manifestSha256}; ${signatureWords[report.signature]}.`,
    ].join('\n');
  }
  return [
    ...faults.map(({ path, fault }) => `${printable(`${path} ${fault}`)}`),
    `${style.bad('DAMAGED:')} snapshot ${printable(snapshotId)} in ${printable(location)}, ${plural(faults.length, 'fault')}.`,
  ].join('\n');
};

/** What is lost where a snapshot replaces it. */
export const renderEmptied = (node: string, tables: readonly string[]): string =>
  [
    `These rows of node ${printable(node)} will be deleted:`,
    ...tables.map((table) => `  ${printable(table)}`),
  ].join('\n');

export const renderLoaded = (report: LoadReport): string => {
  const { node, location, snapshotId, tables, rows, bytes, durationMs, publications, slot } =
    report;
  const follows =
    slot === null || publications.length === 0
      ? []
      : [
          `To create subscriptions from it: ${steepCommand`steep snapshot apply --node ${node} --input ${location} --create-subscription`}`,
        ];
  return [
    `Snapshot ${printable(snapshotId)} is in node ${printable(node)}: ${plural(tables, 'table')}. This run loaded ${formatCount(rows)} rows, ${formatSize(bytes)}, in ${formatDuration(durationMs)}.`,
    ...follows,
  ].join('\n');
};
