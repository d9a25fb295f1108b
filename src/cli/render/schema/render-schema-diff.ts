// How two nodes differ, for people: a line diff of each table, then what each difference does to replication.

import { plural } from '../../../model/listing.ts';
import { printable } from '../../../model/printable.ts';
import type { Effect, SchemaDifference } from '../../../model/schema/schema-difference.ts';
import type { DiffReport } from '../../../model/schema/schema-report.ts';
import type { Style } from '../style.ts';

/** The whole report as text, without a newline at the end. */
export const renderSchemaDiff = async (report: DiffReport, style: Style): Promise<string> => {
  const { local, remote, tables } = report;
  if (tables.length === 0)
    return `No differences between ${printable(local.name)} and ${printable(remote.name)}.`;
  // Loaded when a difference is shown: most commands never do.
  const { diffLines } = await import('diff');
  const blocks = tables.map((table) =>
    [
      style.bold(`${printable(table.table)}  ${table.status}`),
      ...linesOf(diffLines(table.localText, table.remoteText), style),
      ...table.differences.map((difference) => renderDifference(difference, style)),
      '',
    ].join('\n'),
  );
  return [
    `${style.bad(printable(`- ${local.name} (${local.endpoint})`))}, as the publisher`,
    `${style.good(printable(`+ ${remote.name} (${remote.endpoint})`))}, as the subscriber`,
    '',
    ...blocks,
    summaryOf(report),
  ].join('\n');
};

interface Part {
  readonly value: string;
  readonly added?: boolean;
  readonly removed?: boolean;
}

/** Every line of both, as in a unified diff without its headers. */
const linesOf = (parts: readonly Part[], style: Style): readonly string[] =>
  parts.flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        if (removed) return style.bad(`  - ${printable(line)}`);
        return added ? style.good(`  + ${printable(line)}`) : style.dim(`    ${printable(line)}`);
      }),
  );

const words: Readonly<Record<Effect, string>> = {
  stops: 'STOPS APPLY',
  silent: 'SILENT',
  slow: 'SLOW',
  harmless: 'harmless',
};

const renderDifference = ({ part, name, effect, why }: SchemaDifference, style: Style): string => {
  const paint = {
    stops: style.bad,
    silent: style.caution,
    slow: style.caution,
    harmless: style.dim,
  };
  const subject = name === null ? part : `${part} ${printable(name)}`;
  return `    ! ${paint[effect](words[effect])}  ${subject}: ${printable(why)}`;
};

const summaryOf = ({ tables, effects }: DiffReport): string => {
  const { stops, silent, slow, harmless } = effects;
  return `${plural(tables.length, 'table')} differ${tables.length === 1 ? 's' : ''}: ${stops} would stop apply, ${silent} would differ in silence, ${slow} would be slow, ${harmless} harmless.`;
};
