// Introspection of a test database, as node `n`, without the ceremony.

import { introspectNode } from '../../../src/catalog/introspect.ts';
import type { ExpectedConnection } from '../../../src/catalog/objects/subscription-connection.ts';
import type { Conninfo } from '../../../src/model/connection/conninfo.ts';
import type { ResourceOf } from '../../../src/model/state/resource.ts';
import type { ResourceKind } from '../../../src/model/state/resource-kind.ts';
import type { NodeState } from '../../../src/model/state/state.ts';
import { openSession } from '../../../src/postgres/session.ts';
import type { TestDatabase } from '../../support/servers/cluster.ts';

export interface Circumstances {
  readonly expected?: Readonly<Record<string, ExpectedConnection>>;
  /** The database of steep_repl, where it is another. */
  readonly metadata?: Conninfo;
}

export async function introspect(
  conninfo: Conninfo,
  { expected = {}, metadata }: Circumstances = {},
): Promise<NodeState> {
  const options = { node: 'n', applicationName: 'steep', readOnly: true };
  const session = await openSession(conninfo, options);
  const apart = metadata === undefined ? session : await openSession(metadata, options);
  try {
    const endpoints = [{ node: 'n', conninfo }];
    return await introspectNode({ node: 'n', session, metadata: apart, endpoints, expected });
  } finally {
    await session.close();
    await apart.close();
  }
}

export const ofKind = <K extends ResourceKind>(
  state: NodeState,
  kind: K,
): readonly ResourceOf<K>[] =>
  state.resources.filter(
    (resource): resource is ResourceOf<K> & typeof resource => resource.kind === kind,
  );

/** One statement a message: some of them refuse company. */
export async function run(database: TestDatabase, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await database.query(statement);
}
