// Which variables of a connection a server would see that the file names: as part of the host (the name server, too), of the
// user, of the database, of options. Where a pipeline lists what the file may name, those may be secrets.

import { readConninfo } from '../../model/connection/conninfo-text.ts';
import { secretKeywords } from '../../model/known-secrets.ts';
import type { Keywords } from './connection-text.ts';
import { expandVariables, soleVariable, type Variables } from './environment.ts';

/** In place of a value: a character that no form of a connection string gives a meaning. */
const neutral = 'v';

/**
 * Names of variables without the mark `:plain` that change anything but a password. A text that is one variable is a
 * whole connection: whoever set it chose the server, too.
 * @param key of a mapping of keywords; null: the text is the connection.
 */
export const shownVariables = (
  key: string | null,
  text: string,
  { environment, mayShow }: Variables,
): readonly string[] => {
  const hidden = expandVariables(text, environment).names.filter((name) => !mayShow(name));
  if (hidden.length === 0 || (key === null && soleVariable(text) !== null)) return [];
  if (key !== null) return secretKeywords.includes(key) ? [] : hidden;
  const values = expandVariables(text, environment).text;
  const without = { ...environment, ...Object.fromEntries(hidden.map((name) => [name, neutral])) };
  const others = {
    ...without,
    ...Object.fromEntries(hidden.map((name) => [name, neutral.repeat(2)])),
  };
  const [real, one, two] = [
    values,
    ...[without, others].map((e) => expandVariables(text, e).text),
  ].map(seenBy);
  return real === one && one === two ? [] : hidden;
};

/** All that a server, or a message, is told of a connection string; null: it cannot be read. */
const seenBy = (text: string): string | null => {
  const read = readConninfo(text.trim());
  if (!read.ok) return null;
  const keywords: Keywords = read.keywords;
  const seen = Object.entries(keywords).filter(([keyword]) => !secretKeywords.includes(keyword));
  return JSON.stringify(seen.toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
