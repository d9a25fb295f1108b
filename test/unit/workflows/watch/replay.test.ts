// Recordings of steep watch may come from others: a line that is none of its own is named, before anything of it is shown.

import { expect, test } from 'vitest';
import { recordedLine } from '../../../../src/cli/watch/recording.ts';
import { eventsIn } from '../../../../src/workflows/watch/replay.ts';
import { watched } from '../../../support/plans/watched.ts';

const recorded = watched.map(recordedLine).join('');

test.each([
  ['a position', recorded.replace('"0/3000000"', '"0/zz"'), 3, 'look.slots.0.restart_lsn'],
  ['a field that is gone', recorded.replace('"slots":', '"slotz":'), 3, "property 'slots'"],
  ['a time', recorded.replace('"at":', '"at":1e99,"was":'), 1, 'at must be <='],
  ['no JSON', recorded.replace('}\n', '\n'), 1, 'is no JSON'],
  ['null', `${recorded}null\n`, watched.length + 1, 'must be object'],
] as const)('%s: the error names the line', (_what, text, line, why) => {
  const read = () => eventsIn('seen.ndjson', text);
  expect(read).toThrow(`seen.ndjson cannot be played: line ${line} `);
  expect(read).toThrow(why);
});
