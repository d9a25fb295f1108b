// When there is colour: the flag, FORCE_COLOR, NO_COLOR and the terminal, in this order.

import { expect, test } from 'vitest';
import { createStyle, type StyleSource } from '../../../../src/cli/render/style.ts';

type Row = readonly [source: StyleSource, colored: boolean];

test.each<Row>([
  [{ isTTY: true, env: {} }, true],
  [{ isTTY: false, env: {} }, false],
  [{ isTTY: true, env: { NO_COLOR: '1' } }, false],
  [{ isTTY: true, env: { NO_COLOR: '' } }, true],
  [{ isTTY: true, env: { TERM: 'dumb' } }, false],
  [{ isTTY: false, env: { FORCE_COLOR: '1' } }, true],
  [{ isTTY: false, env: { FORCE_COLOR: '' } }, true],
  [{ isTTY: false, env: { FORCE_COLOR: '3' } }, true],
  [{ isTTY: true, env: { FORCE_COLOR: '0' } }, false],
  [{ isTTY: true, env: { FORCE_COLOR: 'false' } }, false],
  [{ isTTY: false, env: { FORCE_COLOR: '1', NO_COLOR: '1' } }, true],
  [{ isTTY: true, env: { FORCE_COLOR: '1' }, noColor: true }, false],
])('%j: %s', (source, colored) => {
  expect(createStyle(source).bad('x') !== 'x').toBe(colored);
});
