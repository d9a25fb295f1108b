// Functions that steep calls and that PostgreSQL leaves to superusers, unless they are granted.

import { quoteIdentifier } from '../../model/identifier.ts';

/** Sets the position at which a subscription of a physical copy begins: `steep init complete`. */
export const originAdvance = 'pg_catalog.pg_replication_origin_advance(text, pg_lsn)';

/** Reads how far a subscription has applied: before a slot is moved past a change of names. */
export const originProgress = 'pg_catalog.pg_replication_origin_progress(text, boolean)';

/** Lets the slots of a node move on at once (16 and later). */
export const logSnapshot = 'pg_catalog.pg_log_standby_snapshot()';

/** Notes a time by which a slot is told from a later one of the same name. */
export const markSlot = 'pg_catalog.pg_stat_reset_replication_slot(text)';

/** Reads where the recovery of a physical copy ended. Anyone who may call it reads every file of the server's data. */
export const readFile = 'pg_catalog.pg_read_file(text, bigint, bigint, boolean)';

export const executeGrant = (functions: readonly string[], role: string): string =>
  `GRANT EXECUTE ON FUNCTION ${functions.join(', ')} TO ${quoteIdentifier(role)};`;
