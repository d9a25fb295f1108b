// Passwords that were met are in no text that leaves, in whatever form it is written.

import { expect, test } from 'vitest';
import { Conninfo } from '../../../src/model/connection/conninfo.ts';
import {
  noteKeywords,
  notePasswordsIn,
  noteSecret,
  noteVariable,
  passwordsIn,
  withoutSecrets,
} from '../../../src/model/known-secrets.ts';

test('every form of a secret', () => {
  const secret = `one'"<&>\\ \u202e%/two`;
  noteSecret(secret);
  for (const form of [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    secret.replaceAll("'", "''"),
    `E'${secret.replace(/[\\']/g, '\\$&')}'`,
    '<a b="one\'&quot;&lt;&amp;&gt;\\ \u202e%/two"/>',
    'one\'"<&>\\ \\u202e%/two',
  ]) {
    expect(withoutSecrets(`a ${form} b`), form).toContain('***');
    expect(withoutSecrets(`a ${form} b`), form).not.toMatch(/one|two/);
  }
});

test('a secret that a server cut, as it does with names', () => {
  const secret = `cut/${'ü&0123456789'.repeat(8)}`;
  noteSecret(secret);
  const name = Buffer.from(secret).subarray(0, 63).toString();
  expect(withoutSecrets(`database "${name}" does not exist`)).toBe('database "***" does not exist');
  expect(withoutSecrets(`name "db_${name.slice(0, 60)}"; ${secret}${secret}`)).toBe(
    'name "db_***"; ******',
  );
  expect(withoutSecrets(encodeURIComponent(secret).slice(0, 40))).toBe('***');
  expect(withoutSecrets('cut/ü&')).toBe('cut/ü&');
});

test('of two secrets that begin alike the longer one is taken out', () => {
  noteSecret('begins-with-sixteen-or-more');
  noteSecret('begins-with-sixteen-or-more/and-goes-on');
  noteSecret('nested-secret');
  expect(withoutSecrets('begins-with-sixteen-or-more/and-goes-on.')).toBe('***.');
  expect(withoutSecrets('begins-with-sixteen-or-more.other')).toBe('***.other');
});

test.each([
  ['a URI', 'postgresql://u:uri-secret@h/d', 'uri-secret'],
  ['percent signs', 'postgresql://u:half%2Dsecret@h/d', 'half-secret'],
  ['keywords', "host=h password='word secret' dbname=d", 'word secret'],
  ['a URI that is not right', 'postgres://u:broken-secret@h:x:y/d', 'broken-secret'],
  ['keywords that are not right', 'host password=torn-secret =', 'torn-secret'],
  ['another scheme', 'jdbc:mysql://u:other-secret@h/d', 'other-secret'],
])('%s', (_case, text, secret) => {
  notePasswordsIn(text);
  expect(withoutSecrets(`said ${secret}.`)).toBe('said ***.');
});

test('a variable is a secret by its name, or by what it holds', () => {
  noteVariable('DB_PASSWORD', 'named-secret');
  noteVariable('PRIMARY_URL', 'postgresql://reader:held-secret@host-name/database');
  noteVariable('PGDATABASE', 'sales-app');
  expect(withoutSecrets('named-secret held-secret reader host-name database sales-app')).toBe(
    '*** *** reader host-name database sales-app',
  );
});

test('what is shown anyway, and what is short, is no secret', () => {
  noteKeywords({ user: 'postgres', password: 'postgres' });
  noteKeywords({ user: 'u', password: 'abc' });
  expect(withoutSecrets('postgres abc')).toBe('postgres abc');
});

test('a connection makes its passwords known, and its endpoint never shows one', () => {
  const conninfo = new Conninfo({
    host: 'h',
    dbname: 'conninfo-secret',
    password: 'conninfo-secret-2',
  });
  expect(withoutSecrets('conninfo-secret-2')).toBe('***');
  noteSecret('conninfo-secret');
  expect(conninfo.endpoint).toBe('h:5432/***');
});

test.each([
  ['postgres://u:secret@h/d', ['secret']],
  ['primary=postgres://u:secret@h/d', ['secret']],
  ['host=h password=secret', ['secret']],
  ['postgres://u@h/d', []],
  [`postgres://u:\${PASSWORD}@h/d`, []],
  ['s3://bucket/a@b', []],
  ['2026-01-31T12:00:00', []],
])('passwords in %s', (text, passwords) => {
  expect(passwordsIn(text)).toEqual(passwords);
});
