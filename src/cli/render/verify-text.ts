// Results of a verification as sentences, which the terminal and the reports share.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { formatSize } from '../../model/quantity.ts';
import type {
  VerificationProgress,
  VerifiedRow,
  VerifiedTable,
} from '../../model/report/verification.ts';

/** What was found of one table, in one line. */
export const tableSentence = ({ outcome, counts, error }: VerifiedTable): string => {
  if (counts === null) return error === null ? 'not read' : `${error.code}: ${error.message}`;
  if (outcome === 'counted')
    return `${plural(counts.rowsPublisher, 'row')} on both sides, not compared`;
  const { different, missing, extra, unsettled } = counts;
  const parts = Object.entries({ different, missing, extra, unsettled })
    .filter(([, rows]) => rows > 0)
    .map(([finding, rows]) => `${rows} ${finding}`);
  const equal = `${plural(counts.equal, 'row')} equal`;
  return [equal, ...parts].join(', ');
};

/** `different id=7 (note, price)`. */
export const formatRow = ({ finding, key, hash, columns, rows, why }: VerifiedRow): string => {
  const name =
    key === null
      ? `row hash ${hash}`
      : Object.entries(key)
          .map(([column, value]) => `${column}=${value ?? 'NULL'}`)
          .join(', ');
  const details = [
    ...(columns.length === 0 ? [] : [columns.join(', ')]),
    ...(rows === 1 ? [] : [plural(rows, 'row')]),
    ...(why === null ? [] : [why]),
  ];
  return printable(`${finding} ${name}${details.length === 0 ? '' : ` (${details.join('; ')})`}`);
};

export const verifyProgressText = (progress: VerificationProgress): string =>
  `Comparing ${progress.address}: table ${progress.tablesDone + 1} of ${progress.tablesTotal}, ${progress.table}, ${formatSize(Math.round(progress.bytesDone))} read`;
