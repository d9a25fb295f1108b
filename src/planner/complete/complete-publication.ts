// A publication block as resources: its explicit list of tables, and the replica identities it asks for.
// Reports what the block names and the database does not have.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { formatName } from '../../model/identifier.ts';
import { addressOf } from '../../model/state/address.ts';
import type { PublishedTable } from '../../model/state/resource.ts';
import type { ServerFacts } from '../../model/state/server.ts';
import type { DesiredPublication, LiveState } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import { type Completed, desiredResource } from './desired-resource.ts';
import { expandSelectors, type TableIndex } from './published-tables.ts';

interface Fault {
  readonly code: string;
  readonly summary: string;
  readonly detail: string;
}

const tableMissing = (pub: DesiredPublication, table: string, database: string): Fault => ({
  code: 'TABLE_NOT_FOUND',
  summary: 'A published table does not exist',
  detail: `${pub.source}: publication ${pub.name} lists ${table}, which is not an ordinary table of database ${database} on node ${pub.node}. Create it there, or correct the name.`,
});

const columnMissing = (pub: DesiredPublication, table: string, column: string): Fault => ({
  code: 'COLUMN_NOT_FOUND',
  summary: 'A published column does not exist',
  detail: `${pub.source}: publication ${pub.name} lists column ${column} of ${table}, which has no such column on node ${pub.node}.`,
});

const tooOld = (
  pub: DesiredPublication,
  server: ServerFacts,
  what: string,
  major: number,
): Fault => ({
  code: 'FEATURE_NOT_SUPPORTED',
  summary: 'A feature does not exist on this server',
  detail: `${pub.source}: publication ${pub.name} uses ${what}, which came with PostgreSQL ${major}; node ${pub.node} runs ${server.version}.`,
});

const columnFaults = (
  pub: DesiredPublication,
  published: PublishedTable,
  table: Table,
): readonly Fault[] =>
  (published.columns ?? [])
    .filter((column) => !table.columns.some(({ name }) => name === column))
    .map((column) => columnMissing(pub, formatName(published.table), column));

const featureFaults = (
  pub: DesiredPublication,
  published: readonly PublishedTable[],
  server: ServerFacts,
): readonly Fault[] => {
  const faults: Fault[] = [];
  if (!server.features.filtersAndSchemas) {
    if (published.some(({ columns }) => columns !== null)) {
      faults.push(tooOld(pub, server, 'a column list', 15));
    }
    if (published.some(({ where }) => where !== null)) {
      faults.push(tooOld(pub, server, 'a row filter', 15));
    }
    if (pub.schemas.length > 0) faults.push(tooOld(pub, server, 'schemas', 15));
  }
  if (pub.generatedColumns !== 'none' && !server.features.publishGeneratedColumns) {
    faults.push(tooOld(pub, server, 'publish_generated_columns', 18));
  }
  return faults;
};

const identities = (pub: DesiredPublication): Completed['resources'] =>
  pub.tables.flatMap((selector) =>
    selector.kind === 'table' && selector.identity !== null
      ? [
          desiredResource('identity', pub.node, formatName(selector.table), {
            table: selector.table,
            ...selector.identity,
          }),
        ]
      : [],
  );

/** The publication with its tables as of now; errors for what is missing or too new for the server. */
export const completePublication = (
  pub: DesiredPublication,
  live: LiveState,
  tables: TableIndex,
): Completed => {
  const server = live.nodes[pub.node]?.server;
  if (server === undefined) return { resources: [], errors: [] };
  const published = expandSelectors(pub.tables, tables);
  const faults = featureFaults(pub, published, server).concat(
    published.flatMap((entry) => {
      const table = tables.get(formatName(entry.table));
      return table === undefined
        ? [tableMissing(pub, formatName(entry.table), server.database)]
        : columnFaults(pub, entry, table);
    }),
  );
  const resource = desiredResource(
    'publication',
    pub.node,
    pub.name,
    {
      allTables: false,
      tables: published,
      schemas: pub.schemas,
      publish: pub.publish,
      viaPartitionRoot: pub.viaPartitionRoot,
      generatedColumns: pub.generatedColumns,
    },
    pub.protect,
  );
  const address = addressOf(pub.node, 'publication', pub.name);
  const errors = faults.map((fault): Diagnostic => ({ severity: 'error', address, ...fault }));
  return { resources: [resource, ...identities(pub)], errors };
};
