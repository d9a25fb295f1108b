// The columns that a row filter names: too many may be found, never too few.

import { expect, test } from 'vitest';
import { filterColumns } from '../../../../src/planner/facts/row-filter.ts';

const columns = ['id', 'region', 'Total', 'größe', 'a"b'];

test.each<[string, readonly string[]]>([
  ['id > 5', ['id']],
  ['true', []],
  ['identity = 1', []],
  ['ID > 5', ['id']],
  ['"Total" > 0', ['Total']],
  ['Total > 0', []],
  ['größe IS NULL', ['größe']],
  ['"a""b" = 1', ['a"b']],
  ["region = 'id'", ['region']],
  ["region = 'it''s id' AND id = 1", ['id', 'region']],
  ["region = E'\\' OR id'", ['region']],
  ["region = E'\\'' AND id = 'x'", ['id', 'region']],
  ['region = $$id$$', ['region']],
  ["region = $tag$it's$tag$ AND id = 'x'", ['id', 'region']],
  [`"it's" = 1 AND id = 'x'`, ['id']],
  ["region IS NULL -- it's\n AND id = 'x'", ['id', 'region']],
  ["/* it's */ id = 'x'", ['id']],
  ["region < date'2020-01-01' AND id = 'x'", ['id', 'region']],
])('%j reads %j', (filter, expected) => {
  expect(filterColumns(filter, columns)).toEqual(expected);
});
