// Puts steep_repl into a test database, as apply would, and rows of ownership into it.

import { migrationsBetween } from '../../../src/metadata/migrations.ts';
import { metadataVersion } from '../../../src/model/state/metadata-version.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';

/** As this version of steep would, or an older one that knew only the first migrations. */
export async function installMetadata(
  database: TestDatabase,
  version: number = metadataVersion,
): Promise<void> {
  for (const migration of migrationsBetween(0, version)) {
    await database.query(migration.text);
    await database.query(
      'INSERT INTO steep_repl.schema_version (version, steep_version) VALUES ($1, $2)',
      [migration.version, 'test'],
    );
  }
}

export async function remember(
  database: TestDatabase,
  address: string,
  applied: unknown,
  protect = false,
): Promise<void> {
  const kind = /\/(\w+)\./.exec(address)?.[1];
  await database.query(
    'INSERT INTO steep_repl.objects (address, kind, applied, protect, run_id) VALUES ($1, $2, $3, $4, $5)',
    [address, kind, JSON.stringify(applied), protect, 'test'],
  );
}
