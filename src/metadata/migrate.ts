// Installs and upgrades steep_repl. Runs inside the caller's transaction.

import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import { migrationsBetween } from './migrations.ts';

/** Runs the migrations after `from`, each with its row in schema_version. */
export const runMigrations = async (
  session: Session,
  from: number,
  to: number,
  steepVersion: string,
): Promise<void> => {
  for (const migration of migrationsBetween(from, to)) {
    await session.script(migration.text);
    await session.query(sql`
      INSERT INTO steep_repl.schema_version (version, steep_version)
      VALUES (${migration.version}, ${steepVersion})`);
  }
};
