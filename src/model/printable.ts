// Text of servers and files as it may be printed: nothing in it moves a cursor, begins a line, turns the direction of
// what follows, or is a command to a build server. Every renderer writes names and messages through this file.

/**
 * C0 and C1 controls, halves of pairs, line separators, what turns the direction of text, what is not seen (of two names
 * that look the same, one may hold a space of no width), and no characters at all. Also the second # of `##[`, `##vso[` and `##teamcity[`, which GitHub, Azure and TeamCity take for commands anywhere in a line.
 */
export const unprintable =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{DI}\ufffe\uffff]|(?<=#)#(?=(?:vso|teamcity)?\[)/gu;

/** The same, but for those that lay out text of several lines. */
const unprintableInLines = new RegExp(`(?![\\t\\n])(?:${unprintable.source})`, 'gu');

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const hex = (character: string, digits: number): string =>
  (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0');

/** `\n`, `\x1b`, `\u202e`, `\U000e0041`: as YAML, and a shell in `$'…'`, read it. */
export const escapeCharacter = (character: string): string => {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  if (character.length > 1) return `\\U${hex(character, 8)}`;
  return character <= '\u00ff' ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
};

/** Whether the text holds a character that printable() escapes. */
export const isPrintable = (text: string): boolean => text.search(unprintable) === -1;

/** One line. A text that was escaped already stays as it is. */
export const printable = (text: string): string => text.replace(unprintable, escapeCharacter);

/** Text of several lines, such as SQL or a message: keeps its line feeds and tabs. */
export const printableLines = (text: string): string =>
  text.replace(unprintableInLines, escapeCharacter);

/** The same, for a server whose encoding has only some of all characters. */
export const asciiLines = (text: string): string =>
  text.replace(/[^\t\n\x20-\x7e]/gu, escapeCharacter);

/** JSON with these characters as `\u202e`, which any reader of JSON reads back. */
export const printableJson = (json: string): string =>
  json.replace(unprintableInLines, (character) =>
    character
      .split('')
      .map((half) => `\\u${hex(half, 4)}`)
      .join(''),
  );

/** GitHub: `::` after any white space. */
const commandAtStart = /^([^\S\n]*):(?=:)/gm;

/** YAML in which each text that holds such a character is in double quotes: these escapes are read back. */
export const printableYaml = (yaml: string): string =>
  yaml.replace(unprintableInLines, escapeCharacter);

/** Whole output, as it is written to a terminal or a log: no line of it is a command to a build server. */
export const withoutCommands = (text: string): string => text.replace(commandAtStart, '$1\\x3a');
