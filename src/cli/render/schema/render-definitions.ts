// The statements that create the tables of a snapshot, and what of them needs consent: for people, before they run.

import type { Hazard } from '../../../model/plan/hazard.ts';
import { printable, printableLines } from '../../../model/printable.ts';
import { allowFlag, severityWord } from '../plan/render-hazard.ts';

export const renderStatements = (node: string, statements: readonly string[]): string =>
  [
    `Creates on node ${printable(node)}:`,
    ...statements.map((statement) => `  ${printableLines(statement).replaceAll('\n', '\n  ')};`),
  ].join('\n');

/** Each with the flag that allows it. */
export const renderSchemaDangers = (
  hazards: readonly (Hazard & { readonly message: string })[],
): string =>
  hazards
    .map(({ code, address, severity, message, remedy }) =>
      [
        `! ${severityWord(severity)}  ${code}  ${printableLines(message)}`,
        `  instead: ${printableLines(remedy)}`,
        `  allow with: ${printable(allowFlag(code, address))}`,
      ].join('\n'),
    )
    .join('\n');
