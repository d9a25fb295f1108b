// Connection strings as libpq reads them (manual 34.1.1): a URI, or keywords and values. Follows conninfo_uri_parse() and
// conninfo_parse() of libpq character by character, since what a string means decides where a password is sent.
// Written out here since no package does it: pg-connection-string answers with options of the driver, opens certificate
// files, and reads `+` as a space. Messages hold no part of the text: all of it may be secret.

export type Keywords = Readonly<Record<string, string>>;

/** The values of sslmode (manual 34.19.1). */
export const sslModes = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
] as const;

export type ReadConninfo =
  | { readonly ok: true; readonly keywords: Keywords }
  /** As a sentence. */
  | { readonly ok: false; readonly message: string };

/** Reads a connection string of either form. Empty values stay; no keyword is judged. Never throws. */
export const readConninfo = (text: string): ReadConninfo => {
  try {
    const pairs = /^postgres(?:ql)?:\/\//.test(text) ? uriPairs(text) : keywordPairs(text);
    return { ok: true, keywords: Object.fromEntries(pairs) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, message: error.message };
  }
};

class Unreadable extends Error {}

type Pair = readonly [keyword: string, value: string];

// The user ends at the first `@` before a `/`; a password may hold any other character, `?` and `:` included.
const uriPattern =
  /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?((?:\[[^\]]*\]|[^:/?,])*(?::[^/?,]*)?(?:,(?:\[[^\]]*\]|[^:/?,])*(?::[^/?,]*)?)*)(?:\/([^?]*))?(?:\?(.*))?$/s;

function uriPairs(text: string): readonly Pair[] {
  const match = uriPattern.exec(text);
  if (match === null) throw new Unreadable('It is not a URI as libpq reads them.');
  const [, user = '', password = '', hosts = '', dbname = '', query = ''] = match;
  const { host, port } = hostsAndPorts(hosts);
  const named = Object.entries({ user, password, host, port, dbname });
  return [
    // libpq stores these only where there is something between the signs.
    ...named
      .filter(([, value]) => value !== '')
      .map(([key, value]) => [key, decoded(value)] as const),
    ...(query === '' ? [] : query.replace(/&$/, '').split('&').map(parameter)),
  ];
}

/** `a:1,b:2` is host a,b and port 1,2; an IPv6 address is in brackets. */
function hostsAndPorts(text: string): { readonly host: string; readonly port: string } {
  const servers = text.split(',').map((server) => {
    const match = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(.*))?$/s.exec(server);
    if (match === null) throw new Unreadable('It is not a URI as libpq reads them.');
    return { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
  });
  const ports = servers.map(({ port }) => port);
  return {
    host: servers.map(({ host }) => host).join(','),
    port: ports.every((port) => port === '') ? '' : ports.join(','),
  };
}

function parameter(text: string): Pair {
  const [keyword = '', value, ...more] = text.split('=');
  if (value === undefined || more.length > 0) {
    throw new Unreadable('Each parameter after the `?` must be a keyword, one `=` and a value.');
  }
  const pair = [decoded(keyword), decoded(value)] as const;
  // What JDBC writes, and libpq takes as well.
  return pair[0] === 'ssl' && pair[1] === 'true' ? ['sslmode', 'require'] : pair;
}

function decoded(text: string): string {
  try {
    const value = decodeURIComponent(text);
    if (!value.includes('\0')) return value;
  } catch {
    // Said below.
  }
  throw new Unreadable('It has a `%` that is not followed by two hexadecimal digits; write `%25`.');
}

// A value in quotes or without; a backslash keeps the character after it. After `=` libpq skips spaces, so an empty value
// needs quotes; after a closing quote the next keyword may begin at once.
const pairPattern =
  /[ \t\n\v\f\r]*([^ \t\n\v\f\r=]+)[ \t\n\v\f\r]*=[ \t\n\v\f\r]*(?:'((?:[^'\\]|\\.)*)'|(?!')((?:[^ \t\n\v\f\r\\]|\\.|\\$)*))/sy;

function keywordPairs(text: string): readonly Pair[] {
  const end = lengthWithoutSpaces(text);
  const pairs: Pair[] = [];
  pairPattern.lastIndex = 0;
  while (pairPattern.lastIndex < end) {
    const match = pairPattern.exec(text);
    if (match === null) {
      throw new Unreadable('It is neither a URI (postgresql://…) nor keywords (host=… dbname=…).');
    }
    const [, keyword = '', quoted, plain = ''] = match;
    pairs.push([keyword, (quoted ?? plain).replace(/\\(.?)/gs, '$1')]);
  }
  return pairs;
}

/** Not by a pattern: one that ends with `$` is tried at every space. */
function lengthWithoutSpaces(text: string): number {
  let end = text.length;
  while (end > 0 && ' \t\n\v\f\r'.includes(text.charAt(end - 1))) end -= 1;
  return end;
}
