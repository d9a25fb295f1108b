// What reading one node costs as its published tables grow, and whether it grows as they do. Beside it, in the same
// run, a bare SELECT over the same catalogs: what no tool that knows tables and columns can do without.

import { Client } from 'pg';
import { introspectNode } from '../src/catalog/introspect.ts';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { openSession } from '../src/postgres/session.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import { expectBelow, median, milliseconds, printMachine, printTable, ratio } from './machine.ts';
import { startBench } from './replicating-nodes.ts';

const sizes = [1000, 2000, 4000, 8000] as const;
const runs = 7;

/** Reading so many tables may cost this much more a table than reading the fewest. */
const linear = 1.25;

const bareQuery = `
  SELECT c.oid, n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   ORDER BY n.nspname, c.relname, a.attnum`;

interface Cost {
  readonly tables: number;
  readonly ours: number;
  readonly bare: number;
}

async function timeOf(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

/** In turn, so that whatever else the machine does hits both; the first of each warms the caches. */
async function measure(conninfo: Conninfo, tables: number): Promise<Cost> {
  const session = await openSession(conninfo, {
    node: 'n',
    applicationName: 'bench',
    readOnly: true,
  });
  const client = new Client({ connectionString: urlOf(conninfo) });
  await client.connect();
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    for (let run = 0; run <= runs; run += 1) {
      const request = { node: 'n', session, metadata: session, endpoints: [], expected: {} };
      ours.push(await timeOf(() => introspectNode(request)));
      bare.push(await timeOf(() => client.query(bareQuery)));
    }
  } finally {
    await session.close();
    await client.end();
  }
  return { tables, ours: median(ours.slice(1)), bare: median(bare.slice(1)) };
}

const perThousand = ({ tables, ours }: Cost): number => (ours * 1000) / tables;

const bench = await startBench();
try {
  const costs: Cost[] = [];
  for (const tables of sizes) {
    const name = `n${tables}`;
    const alone = { nodes: 1, publications: 10, source: () => null, publishes: () => true };
    const { conninfos } = await bench.replicate(name, { ...alone, tables });
    for (const conninfo of Object.values(conninfos)) costs.push(await measure(conninfo, tables));
  }
  const [first] = costs;
  if (first === undefined) throw new Error('nothing was measured');
  printTable(
    [
      'published tables',
      `median of ${runs}`,
      'ms per 1,000',
      'to the first',
      'bare SELECT',
      'ratio',
    ],
    costs.map((cost) => [
      String(cost.tables),
      milliseconds(cost.ours),
      perThousand(cost).toFixed(1),
      (perThousand(cost) / perThousand(first)).toFixed(2),
      milliseconds(cost.bare),
      ratio(cost.ours, cost.bare),
    ]),
  );
  printMachine([bench.version]);
  for (const cost of costs) {
    const growth = perThousand(cost) / perThousand(first);
    expectBelow(
      `${cost.tables} tables, cost a table to the first, in %`,
      100 * growth,
      100 * linear,
      '%',
    );
  }
} finally {
  await bench.end();
}
