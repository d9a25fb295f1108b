// Names and keys as their owners choose them, in a file that a terminal or a spreadsheet shows.

import { expect, test } from 'vitest';
import { formatRow } from '../../../../src/cli/render/verify-text.ts';
import { csvCell, verifyCsvLine } from '../../../../src/cli/reports/verify-csv.ts';
import type { VerifiedRow } from '../../../../src/model/report/verification.ts';

const hostile = '=x\n::set-output\u001b[2J\u009b\u202e';

const row: VerifiedRow = {
  finding: 'different',
  rows: 1,
  key: { [hostile]: hostile },
  hash: '1',
  columns: [hostile],
  why: hostile,
};

const notPrintable = /[\p{Cc}\p{Bidi_Control}]/u;

test('one line each, in characters that print, and no formula', () => {
  const line = verifyCsvLine('node/subscription.s', `public."${hostile}"`, row);
  expect(line.endsWith('\n')).toBe(true);
  expect(line.slice(0, -1)).not.toMatch(notPrintable);
  expect(line).not.toMatch(/(?:^|,)"?=/);
  const [, key = ''] = /,"(\{.*\})",/.exec(line) ?? [];
  expect(JSON.parse(key.replaceAll('""', '"'))).toEqual({ [hostile]: hostile });
});

test.each(['=', '+', '-', '@', '\t', '\r', '\n=', '\uff1d', '\uff0b', '\uff0d', '\uff20'])(
  'a spreadsheet takes a cell that begins with %j for text',
  (beginning) => {
    expect(csvCell(`${beginning}1`)).toMatch(/^"?'/);
  },
);

test('as a sentence, a row has no line but its own', () => {
  expect(formatRow(row)).not.toMatch(notPrintable);
});
