// Reads connection strings as libpq does (manual 34.1.1): keywords and values, or a URI.
// Knows nothing of what the keywords mean.

import { Conninfo } from '../model/conninfo.ts';

/** A connection string of either form; null: it is neither. Never throws, never quotes the text. */
export const parseConninfo = (text: string): Conninfo | null => {
  const keywords = conninfoKeywords(text);
  return keywords === null ? null : new Conninfo(keywords);
};

/** The keywords and values of a connection string; null: it cannot be read. */
export const conninfoKeywords = (text: string): Readonly<Record<string, string>> | null =>
  /^postgres(?:ql)?:\/\//.test(text) ? parseUri(text) : parseKeywords(text);

const keywordPattern =
  /\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\[\s\S])*)'|((?:[^\s'\\]|\\[\s\S])*))(?=\s|$)/y;

function parseKeywords(text: string): Record<string, string> | null {
  const keywords: Record<string, string> = {};
  const trimmed = text.trimEnd();
  for (keywordPattern.lastIndex = 0; keywordPattern.lastIndex < trimmed.length; ) {
    const match = keywordPattern.exec(trimmed);
    if (match === null) return null;
    const [, keyword = '', quoted, bare = ''] = match;
    keywords[keyword] = (quoted ?? bare).replace(/\\([\s\S])/g, '$1');
  }
  return keywords;
}

/** scheme://user:password@host:port,host:port/dbname?keyword=value: several hosts are what URL cannot read. */
const uriPattern =
  /^[a-z]+:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

function parseUri(text: string): Record<string, string> | null {
  const match = uriPattern.exec(text);
  if (match === null) return null;
  const [, user = '', password = '', hosts = '', dbname = '', query = ''] = match;
  const pairs: [string, string][] = [
    ['user', user],
    ['password', password],
    ...hostKeywords(hosts),
    ['dbname', dbname],
    ...query.split('&').map(splitParameter),
  ];
  try {
    const decoded = pairs.map(([key, value]) => [key, decodeURIComponent(value)] as const);
    return Object.fromEntries(decoded.filter(([, value]) => value !== ''));
  } catch {
    return null; // a % that encodes nothing
  }
}

/** `a:1,b:2` → host a,b and port 1,2; an IPv6 address stands in brackets. */
function hostKeywords(hosts: string): [string, string][] {
  const parts = hosts.split(',').map((part) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(part));
  const names = parts.map((part) => (part?.[1] ?? '').replace(/^\[|\]$/g, ''));
  const ports = parts.map((part) => part?.[2] ?? '');
  return [
    ['host', names.join(',')],
    ['port', ports.some((port) => port !== '') ? ports.join(',') : ''],
  ];
}

/** JDBC's ssl=true is libpq's sslmode=require, as libpq itself translates it. */
function splitParameter(parameter: string): [string, string] {
  const equals = parameter.indexOf('=');
  if (equals === -1) return [parameter, ''];
  const [key, value] = [parameter.slice(0, equals), parameter.slice(equals + 1)];
  return key === 'ssl' && value === 'true' ? ['sslmode', 'require'] : [key, value];
}
