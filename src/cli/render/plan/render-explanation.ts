// A code explained for people: meaning, cause and cure, and commands to copy on lines of their own.

import type { ExplainedCode } from '../../../model/catalogue/explanation.ts';
import { alignColumns } from '../layout.ts';
import type { Style } from '../style.ts';

/** One code, or the several meanings that it has. */
export const renderExplanations = (entries: readonly ExplainedCode[], style: Style): string =>
  entries.map((entry) => renderExplanation(entry, style)).join('\n\n');

const renderExplanation = (entry: ExplainedCode, style: Style): string => {
  const { code, kind, severity, title, meaning, cause, cure, commands = [], versions } = entry;
  const word = kind === 'hazard' ? `hazard, usually ${severity}` : severity;
  return [
    `${style.bold(code)}  ${title} (${word})`,
    '',
    `Meaning: ${meaning}`,
    `Cause:   ${cause}`,
    `Cure:    ${cure}`,
    ...commands.map((command) => `  ${command}`),
    ...(versions === undefined ? [] : [`Versions: ${versions}`]),
  ].join('\n');
};

/** Every code with its severity and title, hazards and errors apart. */
export const renderCodeList = (entries: readonly ExplainedCode[], style: Style): string => {
  const section = (title: string, kind: ExplainedCode['kind']): readonly string[] => [
    style.bold(title),
    ...alignColumns(
      entries
        .filter((entry) => entry.kind === kind)
        .map((entry) => [`  ${entry.code}`, entry.severity, entry.title]),
    ),
  ];
  return [
    ...section('Hazards', 'hazard'),
    '',
    ...section('Errors and findings', 'error'),
    '',
    'For one of them:',
    '  steep explain CODE',
  ].join('\n');
};
