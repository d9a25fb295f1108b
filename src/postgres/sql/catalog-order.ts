// When rows of system catalogs were written, as far as their system columns tell it.

import { type Sql, sql } from './sql.ts';

/**
 * Smaller is later: of two transactions by their age, and of two commands of one transaction by their numbers. `row`: an
 * alias. Rows of a table can be compared with it as long as no other transaction has changed them.
 */
export const writtenBefore = (row: Sql): Sql =>
  sql`(pg_catalog.age(${row}.xmin)::int8 * 4294967296 - ${row}.cmin::text::int8)`;

/** CREATE TABLE … PARTITION OF attaches the table two commands after it has created it; nothing else is as quick. */
export const commandsOfPartitionOf = 2;
