// ALTER TABLE that writes a table anew hides its rows from older snapshots: a copy would lose them without a word.
// TRUNCATE also gives a table a new file, and VACUUM FULL does; both are harmless to a copy, and told apart here.

import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, sql } from '../postgres/sql.ts';
import type { Part } from './choose-transfers.ts';
import type { Heap } from './copy-table.ts';

/**
 * Asked after the rows were read, and ends the transaction they were read in. Files are those of this moment,
 * whatever the snapshot.
 * @throws SteepError COPY_REWRITTEN naming the tables.
 */
export const assertNotRewritten = async (
  source: Session,
  parts: readonly Part[],
): Promise<void> => {
  const heaps = parts.map(({ chunk }) => chunk.heap).filter(({ ranges }) => ranges);
  const moved = await readMoved(source, heaps);
  const before = moved.length === 0 ? [] : await readColumnVersions(source, moved);
  await source.query(ddl`COMMIT`);
  if (moved.length === 0) return;
  const after = await readColumnVersions(source, moved);
  const rewritten = moved.filter((_heap, index) => before[index] !== after[index]);
  if (rewritten.length === 0) return;
  throw new SteepError(
    'COPY_REWRITTEN',
    `Node ${source.node}: ALTER TABLE rewrote ${rewritten.map(({ name }) => formatName(name)).join(', ')} during the copy, which hides its rows from the snapshot.`,
    {
      suggestions: ['Make the same change on the subscriber, and run the same command again.'],
    },
  );
};

/** The heaps that have another file than in the snapshot. */
async function readMoved(source: Session, heaps: readonly Heap[]): Promise<readonly Heap[]> {
  const rows = await source.query<{ readonly position: number }>(sql`
    SELECT h.position
      FROM ROWS FROM (pg_catalog.unnest(${heaps.map(({ oid }) => oid)}::oid[]),
                      pg_catalog.unnest(${heaps.map(({ file }) => file)}::oid[]))
           WITH ORDINALITY AS h (oid, file, position)
     WHERE pg_catalog.pg_relation_filenode(h.oid) IS DISTINCT FROM h.file
     ORDER BY h.position`);
  return rows.flatMap(({ position }) => heaps[position - 1] ?? []);
}

/** Changes with every ALTER TABLE that can rewrite: of columns, defaults, persistence or access method. */
async function readColumnVersions(
  source: Session,
  heaps: readonly Heap[],
): Promise<readonly string[]> {
  const rows = await source.query<{ readonly versions: string }>(sql`
    SELECT pg_catalog.concat_ws(' ', c.relpersistence, c.relam,
             (SELECT pg_catalog.string_agg(a.xmin::text, ',' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid),
             (SELECT pg_catalog.string_agg(d.xmin::text, ',' ORDER BY d.adnum)
                FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = c.oid)) AS versions
      FROM pg_catalog.unnest(${heaps.map(({ oid }) => oid)}::oid[]) WITH ORDINALITY AS h (oid, position)
      LEFT JOIN pg_catalog.pg_class AS c ON c.oid = h.oid
     ORDER BY h.position`);
  return rows.map(({ versions }) => versions);
}
