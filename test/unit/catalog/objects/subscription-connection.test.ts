// Whether the catalog holds the connection string that is asked for, and which role it belongs to.

import { createHash, scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { connectionHash } from '../../../../src/catalog/objects/connection-hash.ts';
import {
  connectionState,
  holdsPassword,
  sourceOfConnection,
} from '../../../../src/catalog/objects/subscription-connection.ts';
import { Conninfo } from '../../../../src/model/connection/conninfo.ts';

const conninfo = new Conninfo({ host: 'a', port: '5432', dbname: 'app', password: 'pw' });
const other = new Conninfo({ host: 'b', port: '5432', dbname: 'app' });
const expected = { source: 'primary', conninfo };
const endpoints = [
  { node: 'primary', conninfo },
  { node: 'second', conninfo: other },
];
const remember = (applied: unknown) => ({ protect: false, applied, runId: 'r', appliedAt: '' });
const nothing = { live: null, expected: undefined, applied: undefined, endpoints };

describe('connectionState', () => {
  const hashed = remember({ connection: connectionHash(conninfo) });

  const sha256 = createHash('sha256').update(`s${conninfo.text}`).digest('hex');
  const earlier = remember({ connection: { salt: 's', hash: sha256 } });

  test('a hash is slow to guess, and tells nothing', () => {
    const { salt, hash } = connectionHash(conninfo);
    const slow = scryptSync(conninfo.text, salt, 32, { N: 2 ** 14, r: 8, p: 1 });
    expect(hash).toBe(`scrypt$${slow.toString('hex')}`);
    expect(connectionHash(other).hash).not.toBe(hash);
    expect(connectionHash(conninfo, 'another').hash).not.toBe(hash);
  });

  test.each([
    ['the same', { live: conninfo.text, expected }, 'current'],
    ['the same in another form', { live: 'postgresql://:pw@a:5432/app', expected }, 'current'],
    ['another password', { live: conninfo.with({ password: 'x' }).text, expected }, 'stale'],
    ['hidden, same hash', { expected, applied: hashed }, 'current'],
    ['hidden, same hash of an earlier release', { expected, applied: earlier }, 'current'],
    [
      'hidden, other hash of an earlier release',
      { expected: { source: 'primary', conninfo: other }, applied: earlier },
      'stale',
    ],
    [
      'hidden, other hash',
      { expected: { source: 'primary', conninfo: other }, applied: hashed },
      'stale',
    ],
    ['hidden, nothing remembered', { expected }, 'unknown'],
    ['nothing asked for', { live: conninfo.text }, 'unknown'],
  ])('%s', (_case, facts, state) => {
    expect(connectionState({ ...nothing, ...facts })).toBe(state);
  });
});

describe('sourceOf', () => {
  test.each([
    [
      'what steep applied',
      { applied: remember({ source: 'second' }), live: conninfo.text },
      'second',
    ],
    [
      'a node that is no longer in steep.yaml',
      { applied: remember({ source: 'gone' }), live: other.text },
      'second',
    ],
    ['by endpoint', { live: conninfo.text }, 'primary'],
    ['hidden', { expected }, 'primary'],
    ['a stranger', { live: 'host=x dbname=app' }, null],
    ['hidden and unknown', {}, null],
  ])('%s', (_case, facts, source) => {
    expect(sourceOfConnection({ ...nothing, ...facts })).toBe(source);
  });
});

test('holdsPassword', () => {
  expect([conninfo.text, other.text, 'odd string', null].map(holdsPassword)).toEqual([
    true,
    false,
    true,
    null,
  ]);
});
