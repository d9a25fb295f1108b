// Where comments of steep.yaml are once it is formatted.

import { describe, expect, test } from 'vitest';
import { formatText } from '../../../../src/topology/format/format.ts';

describe('comments', () => {
  test.each([
    ['at the end of a block', 'a:\n  b: 1\n  # end of a\nc: 2\n'],
    ['before the next block', 'a:\n  b:\n    c: 1\n# before d\nd: 2\n'],
    ['at every level', 'a:\n  b:\n    c: 1\n    # 3\n  # 2\n# 1\n'],
    ['with blank lines', '# head\n\n# a\na: 1\n\n# between\n\n# b\nb: 2\n\n# end\n'],
    ['beside', 'a: # a\n  - b # b\n  - c: 1 # c\n    d: | # d\n      text\n'],
    ['under an empty key', 'a:\n# of b\nb: 1\n'],
    ['alone in brackets', 'a:\n  # none\n  []\n'],
    [
      'between brackets with an anchor',
      'a: &x [1, # 1\n  2]\nb: *x\n',
      'a: &x\n  - 1 # 1\n  - 2\nb: *x\n',
    ],
    [
      'between brackets',
      '# 0\na: [ # 1\n  { b: 1, # 2\n    c: [d, e] } # 3\n  # 4\n] # 5\n',
      '# 0\na: # 5\n  # 1\n  - b: 1 # 2\n    c: [d, e]\n    # 3\n    # 4\n',
    ],
  ])('%s', async (_, text, after = text) => {
    expect(await formatText(text)).toBe(after);
  });

  test('move with their key', async () => {
    expect(
      await formatText(`# heads the file

# about nodes
nodes:
  # about a
  a: # beside a
    # heads a

    # above priority
    priority: 1 # beside priority
    # above connection

    # right above connection
    connection: # beside connection
      port: 1
      # above host
      host: x
      # ends connection
    # ends a
# above version
version: 1

# ends the file
`),
    ).toBe(`# heads the file

# above version
version: 1
# about nodes
nodes:
  # about a
  a: # beside a
    # heads a

    # above connection

    # right above connection
    connection: # beside connection
      # above host
      host: x
      port: 1
      # ends connection
    # above priority
    priority: 1 # beside priority
    # ends a

# ends the file
`);
  });
});
