// The sequences that feed columns of tables, and whether the role that applies may read and set them.

import type { TableSequence } from '../../model/state/table.ts';
import { actingRole } from '../../postgres/acting-role.ts';
import type { Session } from '../../postgres/session.ts';
import { fedSequences } from '../../postgres/sql/fed-sequences.ts';
import { sql } from '../../postgres/sql/sql.ts';

/**
 * By the oid of the table. What feeds columns is found once: where the catalogs were never analyzed, the planner would have
 * it found again for each sequence.
 */
export const readTableSequences = async (
  session: Session,
): Promise<ReadonlyMap<number, readonly TableSequence[]>> => {
  const rows = await session.query<SequencesRow>(sql`
    WITH fed AS MATERIALIZED (${fedSequences})
    SELECT f.relid::int8 AS oid,
           pg_catalog.json_agg(pg_catalog.json_build_object(
             'name', pg_catalog.json_build_object('schema', n.nspname, 'name', s.relname),
             'readable', pg_catalog.has_sequence_privilege(o.oid, s.oid, 'SELECT'),
             'settable', pg_catalog.has_sequence_privilege(o.oid, s.oid, 'SELECT')
                         AND pg_catalog.has_sequence_privilege(o.oid, s.oid, 'UPDATE'),
             'owned', pg_catalog.pg_has_role(o.oid, s.relowner, 'USAGE'),
             'owner', pg_catalog.pg_get_userbyid(s.relowner), 'ownerSuperuser', r.rolsuper,
             'ofOwner', f.owners, 'ofColumn', f.linked)
             ORDER BY n.nspname, s.relname) AS sequences
      FROM (SELECT fed.relid, fed.sequence,
                   pg_catalog.bool_or(fed.owned) AS linked,
                   pg_catalog.bool_or(fed.owned OR pg_catalog.has_sequence_privilege(c.relowner, fed.sequence, 'UPDATE')) AS owners
              FROM fed
              JOIN pg_catalog.pg_class AS q ON q.oid = fed.sequence AND q.relkind = 'S'
              JOIN pg_catalog.pg_class AS c ON c.oid = fed.relid AND c.relkind IN ('r', 'p')
             GROUP BY fed.relid, fed.sequence) AS f
      JOIN pg_catalog.pg_class AS s ON s.oid = f.sequence
      JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
      JOIN pg_catalog.pg_roles AS r ON r.oid = s.relowner
     CROSS JOIN (SELECT ${actingRole(session)} AS oid) AS o
     GROUP BY f.relid`);
  return new Map(rows.map(({ oid, sequences }) => [oid, sequences]));
};

interface SequencesRow {
  readonly oid: number;
  readonly sequences: readonly TableSequence[];
}
