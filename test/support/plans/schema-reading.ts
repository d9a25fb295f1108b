// Fingerprints and definitions of a test database, without the ceremony.

import type { SchemaRoot, TableFingerprint } from '../../../src/model/schema/schema-fingerprint.ts';
import type { TableDefinition } from '../../../src/model/schema/table-definition.ts';
import { openSession, type Session } from '../../../src/postgres/session.ts';
import { readDefinitions } from '../../../src/schema/read-definitions.ts';
import { readRoots, readTableFingerprints } from '../../../src/schema/read-fingerprints.ts';
import { allTables } from '../../../src/schema/scope.ts';
import type { TestDatabase } from '../servers/cluster.ts';

type Place = Pick<TestDatabase, 'conninfo'>;

export async function withSession<T>(
  { conninfo }: Place,
  read: (session: Session) => Promise<T>,
): Promise<T> {
  const options = { node: conninfo.endpoint, applicationName: 'test', readOnly: true };
  const session = await openSession(conninfo, options);
  try {
    return await read(session);
  } finally {
    await session.close();
  }
}

export const rootsOf = (database: Place): Promise<readonly SchemaRoot[]> =>
  withSession(database, (session) => readRoots(session, allTables));

export const fingerprintsOf = (database: Place): Promise<readonly TableFingerprint[]> =>
  withSession(database, (session) => readTableFingerprints(session, allTables));

export const definitionsIn = (database: Place): Promise<readonly TableDefinition[]> =>
  withSession(database, (session) => readDefinitions(session, allTables));
