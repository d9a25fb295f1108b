// Diagnostics for people: where, what, why, and what to do. Errors are rendered by failure.ts.

import type { Diagnostic, DiagnosticSeverity, SourceSpan } from '../../model/diagnostic.ts';
import { plural } from '../../model/listing.ts';
import { printable, printableLines } from '../../model/printable.ts';
import { hang } from './layout.ts';
import type { Style } from './style.ts';

/** Every diagnostic, in the order given, an empty line between two; empty text for none. */
export const renderDiagnostics = (diagnostics: readonly Diagnostic[], style: Style): string =>
  diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, style)).join('\n\n');

/** `2 errors, 1 warning`. */
export const countDiagnostics = (diagnostics: readonly Diagnostic[]): string => {
  const kinds: readonly DiagnosticSeverity[] = ['error', 'warning', 'notice'];
  const counts = kinds
    .map((kind) => [kind, diagnostics.filter(({ severity }) => severity === kind).length] as const)
    .filter(([kind, count]) => kind === 'error' || count > 0)
    .map(([kind, count]) => plural(count, kind));
  return counts.join(', ');
};

const renderDiagnostic = (diagnostic: Diagnostic, style: Style): string => {
  const { severity, code, summary, detail, source, address, suggestions = [] } = diagnostic;
  const where = source === undefined ? address : `${source.file}:${source.line}:${source.column}`;
  const paint = paintOf(severity, style);
  return [
    `${paint(`${severity}:`)} ${style.bold(printable(summary))}  ${style.dim(code)}`,
    ...(where === undefined ? [] : [`  at ${printable(where)}`]),
    ...(source === undefined ? [] : renderSnippet(source, paint)),
    `  ${hang(printableLines(detail), '  ')}`,
    ...(suggestions.length === 0 ? [] : ['  Try this:']),
    ...suggestions.map((suggestion) => `    ${hang(printableLines(suggestion), '    ')}`),
  ].join('\n');
};

const paintOf = (severity: DiagnosticSeverity, style: Style): ((text: string) => string) => {
  if (severity === 'error') return style.bad;
  return severity === 'warning' ? style.caution : style.dim;
};

/** The line of the file, and carets under the part that is meant. */
const renderSnippet = (
  { line, column, length, snippet }: SourceSpan,
  paint: (text: string) => string,
): readonly string[] => {
  const number = String(line);
  // Tabs stay tabs below, so that the caret stands where the terminal put the character.
  const before = snippet.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const room = Math.max(1, snippet.length - (column - 1));
  const carets = '^'.repeat(Math.min(Math.max(1, length), room));
  return [
    `    ${number} | ${printableLines(snippet).replaceAll('\n', ' ')}`,
    `    ${' '.repeat(number.length)} | ${before}${paint(carets)}`,
  ];
};
