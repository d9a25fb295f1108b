// What a new snapshot holds, and what can be done with it.

import { plural } from '../../../model/listing.ts';
import { printable } from '../../../model/printable.ts';
import { formatCount, formatDuration, formatSize } from '../../../model/quantity.ts';
import type { SnapshotReport } from '../../../model/snapshot/snapshot.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import { alignColumns } from '../layout.ts';
import type { Style } from '../style.ts';

export const renderGenerated = (report: SnapshotReport, style: Style): string => {
  const { snapshot, location, tables, rows, bytes, storedBytes, durationMs } = report;
  const size = `${formatSize(bytes)}, ${formatSize(storedBytes)} stored (${snapshot.compression})`;
  const facts = [
    ['Tables', `${plural(tables, 'table')}, ${formatCount(rows)} rows, ${size}`],
    ['Source', `node ${snapshot.source.node}, database ${snapshot.source.database}`],
    ['LSN', snapshot.lsn],
    [
      'SHA-256',
      `${report.manifestSha256} (of manifest.json; ${report.signed ? 'signed' : 'not signed'})`,
    ],
    ['Slot', snapshot.slot ?? 'none: no subscription can begin here'],
  ];
  const heading = report.unchanged
    ? `Snapshot ${snapshot.snapshotId} is in ${location} already; nothing was done.`
    : `Snapshot ${snapshot.snapshotId} is in ${location}, in ${formatDuration(durationMs)}.`;
  return [
    style.bold(printable(heading)),
    ...alignColumns(facts.map((row) => row.map(printable))).map((line) => `  ${line}`),
    '',
    `To fill a node: ${steepCommand`steep snapshot apply --node NODE --input ${location}`}`,
    ...(snapshot.slot === null
      ? []
      : [`The slot holds WAL until: ${steepCommand`steep snapshot delete ${location}`}`]),
  ].join('\n');
};
