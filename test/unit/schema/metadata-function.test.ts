// steep_repl.table_definitions() holds the query that steep itself sends. A migration that was released never
// changes: where the query does, a new one replaces the function.

import { expect, test } from 'vitest';
import { migrationsBetween } from '../../../src/metadata/migrations.ts';
import { sql } from '../../../src/postgres/sql/sql.ts';
import { definitionsOf } from '../../../src/schema/definition-query.ts';

const scope = sql`(p_schema IS NULL OR n.nspname = p_schema) AND (p_table IS NULL OR c.relname = p_table)`;

test('the last migration that makes the function makes it of the query', () => {
  const bodies = migrationsBetween(0, Number.MAX_SAFE_INTEGER).flatMap(({ text }) => {
    const found =
      /FUNCTION steep_repl\.table_definitions\(.*?RETURN QUERY(.*?);\nEND\n\$definitions\$/s.exec(
        text,
      );
    return found === null ? [] : [found[1]];
  });
  expect(bodies.at(-1)).toBe(definitionsOf(scope).display);
});
