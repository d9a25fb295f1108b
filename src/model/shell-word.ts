// Words of commands that people copy into a shell.

import { isPrintable, printable } from './printable.ts';

/** A word that a POSIX shell reads as this text: as it is where that is safe, else in quotes. */
export const shellWord = (text: string): string => {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text;
  if (isPrintable(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${printable(text.replace(/[\\']/g, '\\$&'))}'`;
};
