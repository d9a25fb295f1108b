// Puts steep_repl into a test database, as apply would, and rows of ownership into it.

import { readdirSync, readFileSync } from 'node:fs';
import type { TestDatabase } from '../../support/cluster.ts';

export async function installMetadata(database: TestDatabase): Promise<void> {
  const [first = ''] = readdirSync('sql').toSorted();
  await database.query(readFileSync(`sql/${first}`, 'utf8'));
  await database.query(
    "INSERT INTO steep_repl.schema_version (version, steep_version) VALUES (1, 'test')",
  );
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
