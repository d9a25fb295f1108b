// A table that got another file since the snapshot was made: whether the snapshot still sees all its rows in it. VACUUM
// FULL and CLUSTER keep them visible; ALTER TABLE and pg_repack write them as new rows, which a copy would miss without
// an error; after TRUNCATE there is nothing to see, and the slot brings it.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { qualified, sql } from '../../postgres/sql/sql.ts';
import type { Heap } from '../fill/copy-table.ts';
import type { SnapshotView } from '../source/snapshot-view.ts';

export interface Suspect {
  readonly heap: Heap;
  /** Rows that the snapshot showed in an earlier file; null: they were not counted. */
  readonly expected: number | null;
}

/**
 * Asked of heaps that have another file than in the snapshot.
 * @throws SteepError COPY_REWRITTEN naming the tables whose rows the snapshot does not see, or may not see.
 */
export const assertRowsVisible = async (
  view: SnapshotView,
  suspects: readonly Suspect[],
): Promise<void> => {
  const hidden: string[] = [];
  for (const suspect of suspects) {
    const why = await reasonHidden(view, suspect);
    if (why !== null) hidden.push(`${formatName(suspect.heap.name)} (${why})`);
  }
  if (hidden.length === 0) return;
  throw new SteepError(
    'COPY_REWRITTEN',
    `Node ${view.session.node}: a table was rewritten during the copy, which hides its rows from the snapshot: ${hidden.join(', ')}.`,
    {
      suggestions: [
        'If ALTER TABLE changed it, make the same change on the subscriber.',
        'Run the same command again, at a time when nothing rewrites the table; or with --hold-tables, so that such statements wait.',
      ],
    },
  );
};

/** Null: the snapshot sees all rows, or the slot brings why there are none. */
async function reasonHidden(
  view: SnapshotView,
  { heap, expected }: Suspect,
): Promise<string | null> {
  const { rows, before } = await view.read(async () => ({
    rows: await countRows(view.session, heap),
    before: await readFacts(view.session, heap),
  }));
  const now = await view.now((session) => readFacts(session, heap));
  if (before === null || now === null) return 'it was dropped';
  if (before.columns !== now.columns) return 'by ALTER TABLE';
  if (before.repacking) return 'by pg_repack, which started before the snapshot';
  if (expected === null ? rows > 0 : rows === expected) return null;
  if (wasTruncated(before, now)) return null;
  // Whatever was there, the slot brings that it is there no more.
  if (rows === 0 && !(await view.now((session) => hasRows(session, heap)))) return null;
  return expected === null
    ? 'the snapshot sees none of its rows'
    : `the snapshot sees ${rows} of ${expected} rows`;
}

interface Facts {
  /** Changes with every ALTER TABLE that can rewrite: of columns, defaults, persistence or access method. */
  readonly columns: string;
  /** Its TOAST table and the file of that; 0: it has none. */
  readonly toast: number;
  readonly toastFile: number;
  /** pg_repack copies rows since before this moment. */
  readonly repacking: boolean;
}

/** TRUNCATE keeps the TOAST table and gives it a new file, as VACUUM FULL does; what hides rows gives the table another one. */
const wasTruncated = (before: Facts, now: Facts): boolean =>
  before.toast !== 0 && before.toast === now.toast && before.toastFile !== now.toastFile;

/** In a transaction at a snapshot: as it was then. Null: it is not there. */
async function readFacts(source: Session, { oid }: Heap): Promise<Facts | null> {
  const [row] = await source.query<Facts>(sql`
    SELECT pg_catalog.concat_ws(' ', c.relpersistence, c.relam,
             (SELECT pg_catalog.string_agg(a.xmin::text, ',' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid),
             (SELECT pg_catalog.string_agg(d.xmin::text, ',' ORDER BY d.adnum)
                FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid = c.oid)) AS columns,
           c.reltoastrelid::int8 AS toast,
           coalesce((SELECT t.relfilenode FROM pg_catalog.pg_class AS t WHERE t.oid = c.reltoastrelid), 0)::int8
             AS "toastFile",
           EXISTS (SELECT FROM pg_catalog.pg_trigger AS g
                    WHERE g.tgrelid = c.oid AND g.tgname = 'repack_trigger') AS repacking
      FROM pg_catalog.pg_class AS c
     WHERE c.oid = ${oid}`);
  return row ?? null;
}

async function countRows(source: Session, { name }: Heap): Promise<number> {
  const [row] = await source.query<{ readonly rows: number }>(
    sql`SELECT pg_catalog.count(*) AS rows FROM ONLY ${qualified(name)}`,
  );
  return row?.rows ?? 0;
}

async function hasRows(source: Session, { name }: Heap): Promise<boolean> {
  const [row] = await source.query<{ readonly filled: boolean }>(
    sql`SELECT EXISTS (SELECT FROM ONLY ${qualified(name)}) AS filled`,
  );
  return row?.filled === true;
}
