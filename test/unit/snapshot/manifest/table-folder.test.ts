// The folders of tables: readable, and never shared, not even where case and odd characters do not count.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableFolder } from '../../../../src/snapshot/manifest/table-folder.ts';
import { isPath } from '../../../../src/snapshot/storage/path.ts';

test.each([
  ['public', 'orders', /^public\.orders$/],
  ['app_1', '2026_items', /^app_1\.2026_items$/],
  ['public', 'Orders', /^public\.orders~[0-9a-f]{32}$/],
  ['Sales', 'Order items', /^sales\.order_items~[0-9a-f]{32}$/],
  ['..', '../../etc/passwd', /^__\.______etc_passwd~[0-9a-f]{32}$/],
  ['con', 'a', /^con\.a~[0-9a-f]{32}$/],
  ['', '', /^_\._~[0-9a-f]{32}$/],
])('%s.%s', (schema, name, folder) => {
  expect(tableFolder({ schema, name })).toMatch(folder);
});

const pieces = fc.oneof(
  fc.constantFrom(
    'a',
    'A',
    'b',
    '.',
    '..',
    '/',
    '\\',
    '~',
    ' ',
    '_',
    '"',
    'ß',
    'ẞ',
    'é',
    'e\u0301',
  ),
  fc.constantFrom('con', 'nul', '-', 'İ', 'i', 'ı', '𝒳', '\u0000', '\n', ':', '*', '%2F'),
);
const identifier = fc
  .array(pieces, { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(''))
  .chain((text) => fc.constantFrom(text, text.repeat(9).slice(0, 63)));
const table = fc.record({ schema: identifier, name: identifier });

/** What file systems take for the same: case, and how accents are composed. */
const blurred = (folder: string): string => folder.normalize('NFC').toLowerCase().normalize('NFC');

test('two tables never share a folder, whatever the file system', () => {
  fc.assert(
    fc.property(table, table, (one, other) => {
      fc.pre(one.schema !== other.schema || one.name !== other.name);
      expect(blurred(tableFolder(one))).not.toBe(blurred(tableFolder(other)));
    }),
    { numRuns: 3000 },
  );
});

test('a folder is plain, short and a path, and always the same', () => {
  fc.assert(
    fc.property(table, (one) => {
      const folder = tableFolder(one);
      expect(folder).toMatch(/^[a-z0-9_]+\.[a-z0-9_]+(~[0-9a-f]{32})?$/);
      expect(folder.length).toBeLessThanOrEqual(160);
      expect(isPath(`data/${folder}/000001.bin`)).toBe(true);
      expect(tableFolder({ ...one })).toBe(folder);
    }),
    { numRuns: 1000 },
  );
});
