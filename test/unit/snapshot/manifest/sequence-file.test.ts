// sequences.json, as generate writes it and as others may have changed it.

import { expect, test } from 'vitest';
import {
  parseSequences,
  renderSequences,
} from '../../../../src/snapshot/manifest/sequence-file.ts';

const position = {
  schema: 'public',
  name: 'orders_id_seq',
  feeds: '["public","orders","id"]',
  value: '-9223372036854775808',
  called: true,
};

test('what is written is read', () => {
  expect(parseSequences(renderSequences([position]), '/snap')).toEqual([position]);
  expect(parseSequences(renderSequences([]), '/snap')).toEqual([]);
});

test.each([
  '',
  'nonsense',
  'null',
  '{}',
  '[1]',
  '[null]',
  JSON.stringify([{ ...position, value: '1; DROP' }]),
  JSON.stringify([{ ...position, value: 7 }]),
  JSON.stringify([{ ...position, called: 'yes' }]),
  JSON.stringify([{ ...position, feeds: null }]),
])('%j is refused with a code', (text) => {
  expect(() => parseSequences(text, '/snap')).toThrow(
    expect.objectContaining({ code: 'SNAPSHOT_DAMAGED' }),
  );
});
