// The sentence of a hazard, with names of others in it.

import { expect, test } from 'vitest';
import { listNames } from '../../../../src/model/listing.ts';
import { hazard } from '../../../../src/planner/hazards/hazard.ts';

const name = 'a\n::set-output\u202e';
const shown = 'a\\n::set-output\\u202e';

test('a name has no line of its own', () => {
  expect(listNames([name, 'b'])).toBe(`${shown}, b`);
  expect(listNames([name, 'b'], 1)).toBe(`${shown} and 1 more`);
  const found = (message: string | readonly string[]) =>
    hazard('warning', 'X', 'a/table.b', message, '').message;
  expect(found(`Copies ${name}.`)).toBe(`Copies ${shown}.`);
  expect(found([`Copies ${name}:`, 'steep plan'])).toBe(`Copies ${shown}:\nsteep plan`);
});
