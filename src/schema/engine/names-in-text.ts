// Names in text that a server deparsed, told from what is quoted as a value.

const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/gu;

/** Puts another name where this one is; both as SQL writes them. */
export const replaceIn = (text: string, from: string, to: string): string =>
  text.replaceAll(tokens, (token) => (token === from ? to : token));

export const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
