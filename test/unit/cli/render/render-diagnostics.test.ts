// Findings for people: place, snippet with carets, cure.

import { expect, test } from 'vitest';
import {
  countDiagnostics,
  renderDiagnostics,
} from '../../../../src/cli/render/render-diagnostics.ts';
import { plainStyle } from '../../../../src/cli/render/style.ts';
import type { Diagnostic } from '../../../../src/model/diagnostic.ts';

const unknownKey: Diagnostic = {
  severity: 'error',
  code: 'UNKNOWN_KEY',
  summary: 'A key is unknown.',
  detail: 'subscriptions.sales has no key publicationz.',
  suggestions: ['Did you mean `publications`?'],
  source: {
    file: 'steep.yaml',
    line: 12,
    column: 5,
    length: 12,
    snippet: '    publicationz: [sales]',
  },
};

const unreachable: Diagnostic = {
  severity: 'warning',
  code: 'UNREACHABLE',
  summary: 'The server cannot be reached',
  detail: 'Node archive does not answer.\nIt did an hour ago.',
  address: 'archive/node.archive',
};

test('with a place in the file, and with an address', () => {
  expect(renderDiagnostics([unknownKey, unreachable], plainStyle)).toMatchInlineSnapshot(`
    "error: A key is unknown.  UNKNOWN_KEY
      at steep.yaml:12:5
        12 |     publicationz: [sales]
           |     ^^^^^^^^^^^^
      subscriptions.sales has no key publicationz.
      Try this:
        Did you mean \`publications\`?

    warning: The server cannot be reached  UNREACHABLE
      at archive/node.archive
      Node archive does not answer.
      It did an hour ago."
  `);
});

test('the caret stands under its character after a tab, and never beyond the line', () => {
  const source = { file: 'f', line: 1, column: 3, length: 99, snippet: '\t\tkey' };
  const text = renderDiagnostics([{ ...unknownKey, source }], plainStyle);
  expect(text).toContain('    1 | \t\tkey\n      | \t\t^^^\n');
});

test('an empty range still has a caret', () => {
  const source = { file: 'f', line: 1, column: 4, length: 0, snippet: 'key' };
  expect(renderDiagnostics([{ ...unknownKey, source }], plainStyle)).toContain('      |    ^\n');
});

test('no findings are no text', () => {
  expect(renderDiagnostics([], plainStyle)).toBe('');
});

test('counts errors always, the rest where there is one', () => {
  expect(countDiagnostics([])).toBe('0 errors');
  expect(countDiagnostics([unknownKey, unreachable, unreachable])).toBe('1 error, 2 warnings');
});
