// Every key whose rows are not the same, one line each, as RFC 4180 has it.

import { printable, printableJson } from '../../model/printable.ts';
import type { VerifiedRow } from '../../model/report/verification.ts';
import { withoutSecretsAndCommands } from '../output.ts';

export const verifyCsvHeader = 'address,table,finding,rows,key,columns,why\n';

/** A spreadsheet would run a cell that begins like a formula. */
export const csvCell = (text: string): string => {
  const safe = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export const verifyCsvLine = (address: string, table: string, row: VerifiedRow): string => {
  const { finding, rows, key, hash, columns, why } = row;
  const named = printableJson(JSON.stringify(key ?? { row_hash: hash }));
  const cells = [
    printable(address),
    printable(table),
    finding,
    String(rows),
    named,
    printable(columns.join(' ')),
    printable(why ?? ''),
  ];
  return `${withoutSecretsAndCommands(cells.map(csvCell).join(','))}\n`;
};
