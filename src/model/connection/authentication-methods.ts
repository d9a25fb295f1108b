// The ways to log in that libpq's require_auth names.

export const authenticationMethods = [
  'none',
  'password',
  'md5',
  'scram-sha-256',
  'gss',
  'sspi',
  'oauth',
] as const;

export type AuthenticationMethod = (typeof authenticationMethods)[number];

/** What a require_auth allows: methods, or methods with a `!` before each, all but these. Null: libpq refuses the text. */
export const readMethods = (text: string): ReadonlySet<AuthenticationMethod> | null => {
  const entries = text.split(',').map((entry) => entry.trim());
  const negated = entries.filter((entry) => entry.startsWith('!'));
  const named = entries.map((entry) =>
    authenticationMethods.find((method) => method === entry.replace(/^!/, '')),
  );
  const unclear = negated.length > 0 && negated.length < entries.length;
  const twice = new Set(entries).size < entries.length;
  if (unclear || twice || named.includes(undefined)) return null;
  return new Set(
    authenticationMethods.filter((method) => named.includes(method) !== negated.length > 0),
  );
};
