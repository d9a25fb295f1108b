// Words of commands that people copy into a shell.

/** A word that a POSIX shell reads as this text: as it is where that is safe, else in quotes. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
