// SQL: the definitions that most tables have, spelled as PostgreSQL spells them, without a look-up for each. The query
// of definitions has them; what has anything special is NULL here, and is left to pg_get_indexdef() and the like.
// Assumes its rows: r (a table and its columns), s (its sample), x (pg_index), i (pg_class of it), k (pg_constraint).

import { type Sql, sql } from '../postgres/sql/sql.ts';

/** initdb gives it this identifier on every major. */
const btree: Sql = sql`403`;

/** Of an index on one column, with all that is default. */
export const plainIndex: Sql = sql`
             CASE WHEN x.indnatts = 1 AND x.indkey[0] > 0 AND x.indoption[0] = 0 AND x.indpred IS NULL
                       AND NOT x.indisunique AND i.relkind = 'i' AND i.reloptions IS NULL AND i.relam = ${btree}
                       AND x.indcollation[0] = r.collations[x.indkey[0]]
                       AND (x.indclass[0], r.column_types[x.indkey[0]]) IN (
                             SELECT o.oid, o.opcintype FROM pg_catalog.pg_opclass AS o WHERE o.opcdefault)
                  THEN pg_catalog.format('CREATE INDEX %I ON %I.%I USING btree (%I)',
                         i.relname, r.schema, r.name, r.names[x.indkey[0]]) END`;

/** The index of a key of one column, which includes no other: an aggregate over those of a table. */
export const plainKeyIndex: Sql = sql`
           pg_catalog.min(x.indexrelid) FILTER (WHERE x.indisprimary AND x.indnatts = 1)`;

/**
 * Of a primary key of one column, and of a check. A check is deparsed as if it were of the first table that has
 * columns of the same names, which is then the only one that the server opens for all of them. Number 0 is the whole
 * row, by the name of its table.
 */
export const plainConstraint: Sql = sql`
             CASE WHEN k.condeferrable OR NOT k.convalidated THEN NULL
                  WHEN k.contype = 'p' AND k.conindid = x.plain_key
                  THEN pg_catalog.format('PRIMARY KEY (%I)', r.names[k.conkey[1]])
                  WHEN k.contype = 'c' AND NOT k.connoinherit AND 0 <> ALL (k.conkey)
                  THEN 'CHECK (' || pg_catalog.pg_get_expr(k.conbin, s.sample) || ')' END`;
