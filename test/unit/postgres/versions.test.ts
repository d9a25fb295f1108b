// What each version can do.

import { describe, expect, test } from 'vitest';
import {
  canDump,
  featuresOf,
  formatVersion,
  isSupported,
  parseServerVersion,
  parseToolVersion,
} from '../../../src/postgres/versions.ts';

test.each([
  ['16.9 (Debian 16.9-1.pgdg120+1)', 160009, '16.9'],
  ['14.23', 140023, '14.23'],
  ['19beta1', 190000, '19.0'],
  ['nonsense', 0, '0.0'],
])('%s', (text, versionNumber, formatted) => {
  expect(parseServerVersion(text)).toBe(versionNumber);
  expect(formatVersion(versionNumber)).toBe(formatted);
});

test.each([
  ['pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n', 150018],
  ['pg_dump (PostgreSQL) 18.1\n', 180001],
  ['pg_dump (PostgreSQL) 19beta1\n', 190000],
  ['mysqldump  Ver 8.0.36', 0],
])('pg_dump --version: %s', (text, versionNumber) => {
  expect(parseToolVersion(text)).toBe(versionNumber);
});

test('pg_dump reads servers of its own major version and older ones', () => {
  expect([140023, 150001, 150018, 160001].map((server) => canDump(150004, server))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('14 is the oldest', () => {
  expect([130023, 140000, 180004].map(isSupported)).toEqual([false, true, true]);
});

const options = (versionNumber: number): string[] =>
  featuresOf(versionNumber).subscriptionOptions.map((o) => `${o.name}=${o.default} ${o.alter}`);

test('subscription options of 14', () => {
  expect(options(140023)).toEqual([
    'binary=false online',
    'streaming=off online',
    'synchronous_commit=off online',
  ]);
});

test('subscription options of 17 and 18', () => {
  const common = [
    'disable_on_error=false online',
    'password_required=true online',
    'run_as_owner=false online',
  ];
  expect(options(170010)).toEqual([
    'binary=false online',
    'streaming=off online',
    'synchronous_commit=off online',
    'two_phase=false never',
    ...common,
    'origin=any online',
    'failover=false disabled',
  ]);
  expect(options(180004)).toEqual([
    'binary=false online',
    'streaming=parallel online',
    'synchronous_commit=off online',
    'two_phase=false disabled',
    ...common,
    'origin=any online',
    'failover=false disabled',
  ]);
});

describe('bugs that a minor release fixed', () => {
  test.each([
    [140017, true],
    [140018, false],
    [150012, true],
    [160008, true],
    [160009, false],
    [170004, true],
    [170005, false],
    [180000, false],
  ])('ADD TABLE on %i needs a lock: %s', (versionNumber, needed) => {
    expect(featuresOf(versionNumber).addTableNeedsLock).toBe(needed);
  });

  test.each([
    [170001, ['17.2', '17.5']],
    [170004, ['17.5']],
    [170005, ['17.6']],
    [170006, []],
    [180000, []],
  ])('%i', (versionNumber, fixes) => {
    expect(featuresOf(versionNumber).knownBugs.map(({ fixedIn }) => fixedIn)).toEqual(fixes);
  });
});
