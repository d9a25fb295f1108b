// The difference that `steep fmt --diff` prints.

import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../../../src/cli/render/schema/unified-diff.ts';

test('as patch reads it', async () => {
  expect(await unifiedDiff('steep.yaml', 'b: 1\na: {x: 1}\n', 'b: 1\na: { x: 1 }\n')).toBe(
    [
      '--- steep.yaml',
      '+++ steep.yaml',
      '@@ -1,2 +1,2 @@',
      ' b: 1',
      '-a: {x: 1}',
      '+a: { x: 1 }',
    ].join('\n'),
  );
});

test('of two equal texts there is none', async () => {
  expect(await unifiedDiff('steep.yaml', 'a: 1\n', 'a: 1\n')).toBe('');
});
