// Connection strings of a file or the command line: those that libpq reads, that name one server, and no unknown keyword.
// No message holds any part of the text: all of it may be secret.

import {
  type Keywords,
  type ReadConninfo,
  readConninfo,
} from '../../model/connection/conninfo-text.ts';
import { secretKeywords } from '../../model/known-secrets.ts';
import { nearest } from '../validate/did-you-mean.ts';
import { libpqKeywords } from './connection-keywords.ts';
import { keywordRefusal } from './refused-keywords.ts';

export type { Keywords } from '../../model/connection/conninfo-text.ts';

/** Reads a URI or `key=value` text. Empty values are left out: to libpq they are not set. */
export const parseConnectionText = (text: string): ReadConninfo => {
  const read = readConninfo(text.trim());
  return read.ok ? checkedKeywords(read.keywords) : read;
};

/** Keywords that are known, filled, and name one server. */
export const checkedKeywords = (keywords: Keywords): ReadConninfo => {
  const entries = Object.entries(keywords).filter(([, value]) => value !== '');
  const unknown = entries.find(([keyword]) => !libpqKeywords.has(keyword));
  if (unknown !== undefined) return fault(unknownKeyword(unknown[0]));
  const several = ['host', 'hostaddr', 'port'].find((key) => keywords[key]?.includes(','));
  if (several !== undefined) {
    return fault(`\`${several}\` names several servers, but a node is one database on one server.`);
  }
  if (entries.some(([, value]) => value.includes('\0')))
    return fault('A value contains a NUL character.');
  const stuffed = entries.find(([keyword, value]) => holdsConnection(keyword, value))?.[0];
  if (stuffed !== undefined) {
    return fault(
      `\`${stuffed}\` contains a whole connection string: use it as the connection itself.`,
    );
  }
  const refused = keywordRefusal(Object.fromEntries(entries));
  if (refused !== null) return fault(refused);
  if (!isPort(keywords.port ?? '')) return fault('`port` must be a number from 1 to 65535.');
  return { ok: true, keywords: Object.fromEntries(entries) };
};

/** A value that is shown to people, and that would show a password; or a secret that would be sent to another server. */
const holdsConnection = (keyword: string, value: string): boolean =>
  secretKeywords.includes(keyword) ? isConnection(value) : /:\/\/|password\s*=/i.test(value);

const isConnection = (value: string): boolean => {
  if (/^\s*postgres(ql)?:\/\//i.test(value)) return true;
  const read = readConninfo(value.trim());
  if (!read.ok) return false;
  const names = Object.keys(read.keywords);
  return names.includes('password') && names.every((name) => libpqKeywords.has(name));
};

/** As libpq reads numbers: spaces around it do not count. Empty: the default. */
const isPort = (text: string): boolean => {
  const port = text.trim();
  return port === '' || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
};

/** Only the known word is shown: what is in a keyword's place can be a piece of a password. */
const unknownKeyword = (keyword: string): string => {
  const near = nearest(keyword, [...libpqKeywords]);
  const hint = near === null ? '' : `; did you mean \`${near}\`?`;
  return `It has a keyword that libpq does not know${hint}`;
};

const fault = (message: string): ReadConninfo => ({ ok: false, message });
