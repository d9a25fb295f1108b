// The columns that a row filter names: too many may be found, never too few.

import { expect, test } from 'vitest';
import { filterColumns, mutableFunctions } from '../../../../src/planner/facts/row-filter.ts';

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

test.each<[string, readonly string[]]>([
  ['at > now()', ['now']],
  ['at < CURRENT_TIMESTAMP AND who = SESSION_USER', ['current_timestamp', 'session_user']],
  ["note <> 'now()' AND lower(note) = note", []],
  ['"random" > 1', []],
])('%s names %j, which PostgreSQL does not permit', (filter, expected) => {
  expect(mutableFunctions(filter, ['at', 'who', 'note', 'random'])).toEqual(expected);
});
