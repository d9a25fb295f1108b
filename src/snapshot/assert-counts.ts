// Rows that an earlier load has brought, and nothing has followed since: whoever goes on from them makes sure that they
// are still as many.

import type { Filling } from '../copy/fill-tables.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import { formatName } from '../model/identifier.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';
import type { Session } from '../postgres/session.ts';
import { qualified, sql } from '../postgres/sql.ts';

/** @throws SteepError SNAPSHOT_CHANGED naming the tables. */
export const assertCounts = async (
  target: Session,
  { transfers, targets }: Filling,
  manifest: SnapshotManifest,
): Promise<void> => {
  const expected = new Map(manifest.tables.map((table) => [formatName(table), table.rows]));
  const changed: string[] = [];
  for (const { table, index } of transfers) {
    // Children by inheritance are tables of their own; of a partitioned table the partitions hold the rows.
    const only = targets[index]?.kind === 'partitioned' ? sql`` : sql`ONLY `;
    const [row] = await target.query<{ readonly rows: number }>(
      sql`SELECT pg_catalog.count(*) AS rows FROM ${only}${qualified(table.name)}`,
    );
    const wanted = expected.get(formatName(table.name));
    if (row?.rows !== wanted) {
      changed.push(`${formatName(table.name)} (${row?.rows} rows instead of ${wanted})`);
    }
  }
  if (changed.length === 0) return;
  throw new SteepError(
    'SNAPSHOT_CHANGED',
    `Node ${target.node}: tables have other rows than the snapshot that was loaded: ${changed.join(', ')}.`,
    {
      exit: ExitCode.refused,
      suggestions: ['Load the snapshot again, into empty tables: --force empties them.'],
    },
  );
};
