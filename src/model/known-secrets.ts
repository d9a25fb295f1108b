// The passwords that this process has met, so that no output has one, wherever it came from. A set of the process: what is
// known by the first reader of a connection must be known by the last writer of a report.

import { readConninfo } from './connection/conninfo-text.ts';
import { printable } from './printable.ts';

/** Keywords of libpq whose values no output may have. */
export const secretKeywords: readonly string[] = [
  'password',
  'sslpassword',
  'oauth_client_secret',
  'scram_client_key',
  'scram_server_key',
];

/** A shorter one would take words out of every sentence. */
const shortest = 6;

/**
 * Servers cut names to 63 bytes, and a name may be a secret by mistake. So many of its first characters are no word of a
 * sentence: a longer form is known by them, and taken out as far as it goes.
 */
const knownBy = 16;

const forms = new Set<string>();
let pattern: RegExp | null = null;

/** From now on no output has this text, in any of the forms that steep writes. Shorter than 6 characters: nothing. */
export const noteSecret = (secret: string): void => {
  if (secret.length < shortest || forms.has(secret)) return;
  for (const form of formsOf(secret)) forms.add(form);
  const heads = new Set([...forms].map((form) => form.slice(0, knownBy)));
  const longestFirst = [...heads].toSorted((a, b) => b.length - a.length);
  pattern = new RegExp(longestFirst.map(escapeForPattern).join('|'), 'g');
};

/** The passwords of a connection, but for one that is no more than its user or its database: those are shown anyway. */
export const noteKeywords = (keywords: Readonly<Record<string, string>>): void => {
  const shown = [keywords.user, keywords.dbname, keywords.host];
  for (const name of secretKeywords) {
    const value = keywords[name];
    if (value !== undefined && !shown.includes(value)) noteSecret(value);
  }
};

/** A variable that a connection names: a password of its own by its name, else what looks like one inside. */
export const noteVariable = (name: string, value: string): void => {
  if (/PASSW|PASSPHRASE|PASS$|_PWD$|_KEY$|_PAT$|SECRET|TOKEN|CREDENTIAL/i.test(name))
    noteSecret(value);
  else notePasswordsIn(value);
};

/** Passwords of connection strings in a text, which need not be right as a whole. */
export const notePasswordsIn = (text: string): void => {
  const read = readConninfo(text.trim());
  if (!read.ok) {
    for (const password of passwordsIn(text)) noteSecret(password);
    return;
  }
  noteKeywords(read.keywords);
  // As in `node=postgresql://…`.
  for (const value of Object.values(read.keywords)) {
    if (value.includes('://')) notePasswordsIn(value);
  }
};

/** `scheme://user:PASSWORD@` and `password=PASSWORD`, as they are written. */
export const passwordsIn = (text: string): readonly string[] =>
  [
    ...beforeAts(text).flatMap((word) => [...word.matchAll(/:\/\/[^:/]*:(.+)$/g)]),
    ...text.matchAll(/password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&'"]+)/gi),
  ].flatMap(([, password = '']) => (password.startsWith('${') ? [] : [password]));

/** Of each word, what is before its first `@`, and between two of them. */
const beforeAts = (text: string): readonly string[] =>
  text.split(/\s/).flatMap((word) => word.split('@').slice(0, -1));

/** The text with `***` in place of each secret, and of the beginning of one that was cut. */
export const withoutSecrets = (text: string): string => {
  if (pattern === null) return text;
  let clean = '';
  let done = 0;
  for (const { 0: head, index } of text.matchAll(pattern)) {
    if (index < done) continue;
    clean += `${text.slice(done, index)}***`;
    done = index + secretAt(text, index, head);
  }
  return done === 0 ? text : clean + text.slice(done);
};

/** How many characters of a secret that begins with `head` the text has there. */
const secretAt = (text: string, index: number, head: string): number => {
  let longest = head.length;
  for (const form of forms) {
    if (!form.startsWith(head)) continue;
    let length = head.length;
    while (length < form.length && form[length] === text[index + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
};

/** As it is, in a URI, in JSON, in SQL, in XML, and escaped for people. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret.toWellFormed()),
  decoded(secret),
  JSON.stringify(secret).slice(1, -1),
  printable(secret),
  secret.replaceAll("'", "''"),
  secret.replace(/[\\']/g, '\\$&'),
  secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;'),
];

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const escapeForPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
