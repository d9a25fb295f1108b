// What `steep init prepare` prints: the slot, the snapshot, and the commands to copy.

import type { PreparedReport } from '../../model/copy/prepared-report.ts';
import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { alignColumns } from './layout.ts';
import type { Style } from './style.ts';

const facts = (report: PreparedReport): readonly (readonly [string, string])[] => [
  ['slot', `${report.slot} on ${report.source}`],
  ['begins at', report.lsn],
  ['snapshot', report.snapshot ?? 'none is exported'],
  ['expires', report.expiresAt],
  [
    'sends',
    `${plural(report.tables, 'table')} to ${report.node}/subscription.${report.subscription}`,
  ],
];

/** The whole answer; the last lines say how it continues. */
export const renderPrepared = (report: PreparedReport, style: Style): string =>
  [
    ...alignColumns(facts(report).map(([name, value]) => [name, printable(value)])).map(
      (line) => `  ${line}`,
    ),
    ...report.recipes.flatMap(({ title, commands }) => [
      '',
      style.bold(title),
      ...commands.map((command) => `  ${printable(command)}`),
    ]),
    '',
    'After the rows are restored:',
    `  ${steepCommand`steep init complete ${report.node} --from ${report.source} --subscription ${report.subscription}`}`,
  ].join('\n');
