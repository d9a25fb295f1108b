// Which partitions whose rows are in another file still hold rows of earlier transactions. VACUUM FULL and CLUSTER keep the
// transaction that wrote a row; after TRUNCATE every row is newer.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { qualified, sql } from '../../postgres/sql/sql.ts';
import { askRows, beginning, readTableAccess } from '../objects/ask-rows.ts';

interface Doubtful {
  /** Every transaction before this one had ended when the leaves were marked. */
  readonly ended: string;
  readonly leaves: readonly QualifiedName[];
}

/** By formatName. Of those that the role may not read, or that are locked, nothing is known. */
export const readKeptRows = async (
  session: Session,
  doubtful: readonly Doubtful[],
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (const { ended, leaves } of doubtful)
    for (const leaf of leaves)
      if (await hasKeptRows(session, leaf, ended)) found.add(formatName(leaf));
  return found;
};

const hasKeptRows = async (
  session: Session,
  leaf: QualifiedName,
  ended: string,
): Promise<boolean> => {
  if ((await readTableAccess(session, leaf)) !== 'open') return false;
  const query = sql`
    SELECT EXISTS (
      SELECT FROM ONLY ${qualified(leaf)} AS t
       WHERE t.ctid < ${beginning}::tid AND pg_catalog.age(t.xmin) > pg_catalog.age(${ended}::pg_catalog.xid)) AS found`;
  return (await askRows(session, leaf, query)) === true;
};
