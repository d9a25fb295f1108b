// Whether tables hold the same rows in two databases.

import { hashTables, type TableHash } from '../../src/compare/table-hash.ts';
import type { Conninfo } from '../../src/model/connection/conninfo.ts';
import type { QualifiedName } from '../../src/model/identifier.ts';
import { openSession } from '../../src/postgres/session.ts';
import { waitFor } from './servers/wait.ts';

interface Place {
  readonly conninfo: Conninfo;
}

/** The fingerprints of these tables in a database. */
export async function hashesOf(
  { conninfo }: Place,
  tables: readonly QualifiedName[],
): Promise<Readonly<Record<string, TableHash>>> {
  const session = await openSession(conninfo, {
    node: conninfo.endpoint,
    applicationName: 'test',
    readOnly: true,
  });
  try {
    return await hashTables(session, tables);
  } finally {
    await session.close();
  }
}

/** Waits until both databases hold the same rows in these tables; writers must have stopped. */
export async function waitForSameRows(
  a: Place,
  b: Place,
  tables: readonly QualifiedName[],
): Promise<Readonly<Record<string, TableHash>>> {
  return waitFor('the same rows on both sides', async () => {
    const [first, second] = await Promise.all([hashesOf(a, tables), hashesOf(b, tables)]);
    return JSON.stringify(first) === JSON.stringify(second) && first;
  });
}
