// Servers that cannot take part.

import { expect, test } from 'vitest';
import { assertServerSupported, checkServer } from '../../../../src/catalog/server/preflight.ts';

const facts = { versionNumber: 180004, inRecovery: false, host: 'h', port: 5432 };

test('a primary of a supported version is fit', () => {
  expect(checkServer('primary', facts)).toEqual([]);
});

test('says everything at once', () => {
  const found = checkServer('primary', { ...facts, versionNumber: 130023, inRecovery: true });
  expect(found.map(({ code }) => code)).toEqual(['SERVER_TOO_OLD', 'IN_RECOVERY']);
  expect(found[0]?.detail).toBe('Node primary runs PostgreSQL 13.23; steep needs 14 or later.');
});

test('an old server stops introspection before its first query', () => {
  expect(() => assertServerSupported('primary', 130023)).toThrow(
    expect.objectContaining({ code: 'SERVER_TOO_OLD', exit: 7 }),
  );
});
