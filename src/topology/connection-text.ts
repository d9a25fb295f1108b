// Connection strings → libpq keywords, as libpq itself reads them: URIs and `key=value` texts.
// Written out here since pg-connection-string answers with options of the driver: it opens
// certificate files, turns sslmode into an object, and reads `+` as a space.
// No message holds any part of the text: all of it may be secret.

import { libpqKeywords } from './connection-keywords.ts';
import { nearest } from './did-you-mean.ts';

export type Keywords = Readonly<Record<string, string>>;

export type ReadKeywords =
  | { readonly ok: true; readonly keywords: Keywords }
  | { readonly ok: false; readonly message: string };

/** Reads a URI or `key=value` text. Empty values are left out: to libpq they are not set. */
export const parseConnectionText = (text: string): ReadKeywords => {
  const trimmed = text.trim();
  const read = /^postgres(?:ql)?:\/\//.test(trimmed) ? parseUri(trimmed) : parsePairs(trimmed);
  return read.ok ? checkedKeywords(read.keywords) : read;
};

/** Keywords that are known, filled, and name one server. */
export const checkedKeywords = (keywords: Keywords): ReadKeywords => {
  const entries = Object.entries(keywords).filter(([, value]) => value !== '');
  const unknown = entries.find(([keyword]) => !libpqKeywords.has(keyword));
  if (unknown !== undefined) return fault(unknownKeyword(unknown[0]));
  const several = ['host', 'hostaddr', 'port'].find((key) => keywords[key]?.includes(','));
  if (several !== undefined) {
    return fault(`\`${several}\` names several servers; a node is one database on one server.`);
  }
  if (entries.some(([, value]) => value.includes('\0'))) return fault('A value holds NUL.');
  return { ok: true, keywords: Object.fromEntries(entries) };
};

/** Only the known word is shown: what stands in a keyword's place can be a piece of a password. */
const unknownKeyword = (keyword: string): string => {
  const near = nearest(keyword, [...libpqKeywords]);
  const hint = near === null ? '' : `; did you mean \`${near}\`?`;
  return `It sets something that is not a keyword of libpq${hint}`;
};

// The user ends at the first @, as in libpq: a password that holds / or @ must be percent-encoded.
const uriPattern =
  /^postgres(?:ql)?:\/\/(?:([^@:/]*)(?::([^@/]*))?@)?(\[[^\]]*\]|[^:/?]*)(?::([^/?]*))?(?:\/([^?]*))?(?:\?(.*))?$/s;

const parseUri = (text: string): ReadKeywords => {
  const match = uriPattern.exec(text);
  if (match === null) return fault('It is not a URI as libpq reads them.');
  const [, user, password, host, port, dbname, query] = match;
  const address = host?.replace(/^\[(.*)\]$/s, '$1');
  const pairs = [
    ...Object.entries({ user, password, host: address, port, dbname }),
    ...(query ? query.split('&').map(splitParameter) : []),
  ];
  const keywords: Record<string, string> = {};
  for (const [rawKeyword, rawValue] of pairs) {
    const keyword = percentDecoded(rawKeyword);
    const value = rawValue === undefined ? '' : percentDecoded(rawValue);
    if (keyword === null || value === null) {
      return fault('It holds a `%` that two hexadecimal digits do not follow; write `%25`.');
    }
    // What JDBC writes, and libpq takes as well.
    if (keyword === 'ssl' && value === 'true') keywords.sslmode = 'require';
    else if (value !== '') keywords[keyword] = value;
  }
  return { ok: true, keywords };
};

const splitParameter = (parameter: string): readonly [string, string] => {
  const at = parameter.indexOf('=');
  return at === -1 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
};

const percentDecoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

// A value in quotes or without; a backslash keeps the character after it.
const pairPattern = /\s*([^\s=']+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/sy;

const parsePairs = (text: string): ReadKeywords => {
  const keywords: Record<string, string> = {};
  pairPattern.lastIndex = 0;
  while (pairPattern.lastIndex < text.length) {
    const match = pairPattern.exec(text);
    if (match === null) {
      return fault('It is neither a URI (postgresql://…) nor keywords (host=… dbname=…).');
    }
    const [, keyword = '', quoted, plain = ''] = match;
    keywords[keyword] = (quoted ?? plain).replace(/\\(.)/gs, '$1');
  }
  return { ok: true, keywords };
};

const fault = (message: string): ReadKeywords => ({ ok: false, message });
