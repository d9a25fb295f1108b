// Reads at a snapshot that another session holds.

import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, literal, sql } from '../../postgres/sql/sql.ts';
import { snapshotLost } from '../copy-failures.ts';
import { useSnapshot } from './hold-snapshot.ts';

/** One transaction that sees what the snapshot shows; a policy that hides rows is an error, not fewer rows. */
export const atSnapshot = <T>(
  session: Session,
  snapshot: string,
  body: () => Promise<T>,
): Promise<T> =>
  session.transaction({ isolation: 'repeatable read', readOnly: true }, async () => {
    await session.query(ddl`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`);
    await session.query(sql`SELECT pg_catalog.set_config('row_security', 'off', true)`);
    return body();
  });

/** @throws SteepError SNAPSHOT_LOST, or whatever the body throws. */
export const atHeldSnapshot = <T>(
  source: Session,
  snapshot: string,
  body: () => Promise<T>,
): Promise<T> =>
  source.transaction({ isolation: 'repeatable read', readOnly: true }, async () => {
    try {
      await source.query(useSnapshot(snapshot));
    } catch (error) {
      const doing = 'taking the snapshot';
      throw snapshotLost(source.node, error) ?? toFailure(error, { node: source.node, doing });
    }
    return body();
  });
