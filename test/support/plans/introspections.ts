// What import finds on servers, as values, with everything that a test does not care about filled in.

import { Conninfo } from '../../../src/model/connection/conninfo.ts';
import type {
  PublicationSpec,
  Resource,
  SubscriptionSpec,
} from '../../../src/model/state/resource.ts';
import type { Introspection } from '../../../src/workflows/plan/introspect-nodes.ts';
import { liveState, nodeState, resource, server, table } from '../worlds/worlds.ts';

/** How steep itself reaches a node. */
export const own = (host: string): Conninfo =>
  new Conninfo({ host, dbname: 'app', user: 'steep', password: 'canary-own' });

/** Of one table, and not steep's yet: as import finds it. */
export const publication = (
  node: string,
  name = 'p',
  rest: Partial<PublicationSpec> = {},
): Resource =>
  resource(
    'publication',
    node,
    name,
    {
      allTables: false,
      schemas: [],
      viaPartitionRoot: false,
      generatedColumns: 'none',
      tables: [{ table: { schema: 'public', name: 't' }, columns: null, where: null }],
      publish: ['insert', 'update', 'delete', 'truncate'],
      ...rest,
    },
    { owned: false },
  );

export const slot = (node: string, name = 's', active = true): Resource =>
  resource(
    'slot',
    node,
    name,
    { plugin: 'pgoutput', database: 'app' },
    {
      owned: false,
      observed: {
        active,
        walStatus: 'reserved',
        confirmedFlushLsn: '0/1',
        restartLsn: '0/1',
        lagBytes: 0,
        retainedBytes: 0,
        safeWalSize: null,
        failover: false,
        twoPhase: false,
      },
    },
  );

/** Reads publication `p` through slot `s`, it is not known where from, and runs. */
export const subscription = (
  node: string,
  name = 's',
  rest: Partial<SubscriptionSpec> = {},
): Resource =>
  resource(
    'subscription',
    node,
    name,
    {
      source: null,
      publications: ['p'],
      slot: 's',
      enabled: true,
      connection: 'unknown',
      options: { streaming: 'on', origin: 'any' },
      ...rest,
    },
    {
      owned: false,
      observed: {
        oid: 1,
        workerRunning: true,
        twoPhaseState: 'disabled',
        applyErrors: 0,
        syncErrors: 0,
        secretInCatalog: null,
        asApplied: { live: null, file: null },
      },
    },
  );

/** Resources by node. */
export interface World {
  readonly [node: string]: readonly Resource[];
}

/** What import would know of such a world. `connections`: of subscriptions, by `node/name`. */
export function introspection(
  world: World,
  connections: Readonly<Record<string, Conninfo>> = {},
): Introspection {
  const names = Object.keys(world);
  const byNode = new Map(names.map((name) => [name, new Map<string, Conninfo>()]));
  for (const [address, conninfo] of Object.entries(connections)) {
    const [node = '', name = ''] = address.split('/');
    byNode.get(node)?.set(name, conninfo);
  }
  return {
    nodes: names.map((name) => ({
      name,
      variable: `${name.toUpperCase()}_URL`,
      metadataDatabase: null,
      conninfo: own(name),
    })),
    live: liveState(
      ...Object.entries(world).map(([node, resources]) =>
        nodeState(node, {
          server: server({ systemIdentifier: node }),
          resources,
          tables: [table('t', { identityMode: 'full', identityColumns: ['id', 'note'] })],
        }),
      ),
    ),
    connections: byNode,
  };
}
