// A verification for people: each edge with its tables, the first rows that differ, and the last line.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { formatDuration } from '../../model/quantity.ts';
import type {
  VerificationReport,
  VerifiedEdge,
  VerifiedTable,
  VerifyOutcome,
} from '../../model/report/verification.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { alignColumns } from './layout.ts';
import type { Style } from './style.ts';
import { formatRow, tableSentence } from './verify-text.ts';

/** Without a newline at the end. */
export const renderVerify = (report: VerificationReport, style: Style): string =>
  [
    ...report.edges.flatMap((edge) => [...renderEdge(edge, style), '']),
    `${summaryOf(report)} in ${formatDuration(report.elapsedMs)}.`,
    ...repairable(report).map(
      (address) => `To repair them: ${steepCommand`steep repair ${address}`}`,
    ),
  ].join('\n');

/** Two databases of the command line have no subscription. */
const repairable = ({ edges }: VerificationReport): readonly string[] =>
  edges
    .filter(({ outcome, address }) => outcome === 'different' && address.includes('/subscription.'))
    .map(({ address }) => address);

const renderEdge = (edge: VerifiedEdge, style: Style): readonly string[] => {
  const head = `${style.bold(printable(edge.address))}  ${printable(`${edge.source} -> ${edge.node}`)}`;
  if (edge.error !== null) {
    return [
      head,
      `  ${style.bad('NOT READ')}  ${printable(edge.error.message)}  ${edge.error.code}`,
    ];
  }
  if (edge.tables.length === 0) return [head, '  no tables'];
  const rows = edge.tables.map((table) => [
    `  ${word(table.outcome, style)}`,
    printable(table.table),
    printable(tableSentence(table)),
  ]);
  const lines = alignColumns(rows);
  return [
    head,
    ...edge.tables.flatMap((table, index) => [lines[index] ?? '', ...asides(table, style)]),
  ];
};

const words: { readonly [O in VerifyOutcome]: string } = {
  equal: 'equal',
  counted: 'counted',
  different: 'DIFFERENT',
  unsettled: 'UNSETTLED',
  unread: 'NOT READ',
};

const word = (outcome: VerifyOutcome, style: Style): string => {
  if (outcome === 'equal') return style.good(words.equal);
  return outcome === 'different' ? style.bad(words.different) : style.caution(words[outcome]);
};

const mostShown = 5;

const asides = (
  { samples, notes, counts, key }: VerifiedTable,
  style: Style,
): readonly string[] => {
  const found =
    counts === null ? 0 : counts.different + counts.missing + counts.extra + counts.unsettled;
  const shown = samples.slice(0, mostShown);
  const left = found - shown.reduce((sum, { rows }) => sum + rows, 0);
  return [
    ...shown.map((row) => `      ${printable(formatRow(row))}`),
    ...(left > 0 ? [`      ${style.dim(`and ${plural(left, 'more row')}`)}`] : []),
    ...(key === null && counts !== null && found > 0
      ? [
          `      ${style.dim('The table has no key: a changed row is one missing and one extra row.')}`,
        ]
      : []),
    ...notes.map((note) => `      ${style.dim(printable(note))}`),
  ];
};

const summaryOf = ({ edges }: VerificationReport): string => {
  const tables = edges.flatMap((edge) => edge.tables);
  const count = (outcome: VerifyOutcome): number =>
    tables.filter((table) => table.outcome === outcome).length;
  const parts = (['different', 'unsettled', 'unread'] as const).flatMap((outcome) =>
    count(outcome) === 0 ? [] : [`${count(outcome)} ${words[outcome].toLowerCase()}`],
  );
  const unread = edges.filter(({ error }) => error !== null).length;
  return [
    `${plural(tables.length, 'table')} of ${plural(edges.length, 'subscription')} compared: ${count('equal')} equal`,
    ...parts,
    ...(unread === 0 ? [] : [`${plural(unread, 'subscription')} not read`]),
  ].join(', ');
};
