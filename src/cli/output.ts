// The edge: every text for people passes here, last, before it is written to a terminal, a log or a report.
// What is data for a program (SQL to run, JSON, a picture) is written as it is.

import { withoutSecrets } from '../model/known-secrets.ts';
import { printable, printableJson, withoutCommands } from '../model/printable.ts';

/** The text as it may leave the process. What was written here already stays as it is. */
export const withoutSecretsAndCommands = (text: string): string =>
  withoutCommands(withoutSecrets(text));

/** A line on stderr, whatever goes to stdout. */
export const sayOnStderr = (text: string): void =>
  void process.stderr.write(`${withoutSecretsAndCommands(text)}\n`);

/** The same of what others have written, which may hold line feeds. */
export const sayOneLine = (text: string): void => sayOnStderr(printable(text));

/** A document on one line, so that it is also a line of NDJSON. */
export const jsonLine = (document: unknown): string =>
  `${withoutSecrets(printableJson(JSON.stringify(document)))}\n`;
