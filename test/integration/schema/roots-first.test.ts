// A plan that keeps schemas in line, and a drift of schemas, read one row a schema where all is as it should be, and
// a row a table only of schemas where it is not.

import { expect, test } from 'vitest';
import { inProcess } from '../../support/in-process.ts';
import { brief, close, newest, same, schema } from '../../support/worlds/drift-tables.ts';
import type { DriftWorld } from '../../support/worlds/drift-world.ts';

const perSchema = 40;

const fill = `
  CREATE SCHEMA one; CREATE SCHEMA two;
  DO $$ BEGIN FOR n IN 1..${perSchema} LOOP
    EXECUTE format('CREATE TABLE one.t%s (id int PRIMARY KEY, note text)', n);
    EXECUTE format('CREATE TABLE two.t%s (id int PRIMARY KEY, note text)', n);
  END LOOP; END $$`;

const tables = ['one', 'two'].flatMap((name) =>
  Array.from({ length: perSchema }, (_, n) => `${name}.t${n + 1}`),
);

const publications = { sales: { node: 'primary', tables } };

type Sent = [node: string, statement: string][];

/** What steep_repl itself is made of is read by hashes too. */
const isTrust = (statement: string): boolean => statement.includes('p.prosrc');

/** How many rows each query of fingerprints brought to a node: sent again, it brings them again. */
async function rowsRead(world: DriftWorld, sent: Sent, node: 'primary' | 'reporting') {
  const counts: number[] = [];
  for (const [where, statement] of sent) {
    if (where !== node || !statement.includes('sha256') || isTrust(statement)) continue;
    counts.push((await world[node].query(statement)).length);
  }
  return counts;
}

async function planned(world: DriftWorld) {
  const sent: Sent = [];
  const environment = { PRIMARY_URL: world.primary.url, REPORTING_URL: world.reporting.url };
  const note = (node: string, statement: string) => sent.push([node, statement]);
  const { changes } = await inProcess(world.path('steep.yaml'), environment, note).plan();
  return {
    changes: changes.map(({ address }) => address),
    primary: await rowsRead(world, sent, 'primary'),
    reporting: await rowsRead(world, sent, 'reporting'),
  };
}

async function drifted(world: DriftWorld) {
  const sent: Sent = [];
  const onStatement = (node: string, statement: string) => sent.push([node, statement]);
  const report = await world.drift(schema, { onStatement });
  return {
    findings: brief(report).map(([address, code]) => [address, code]),
    primary: await rowsRead(world, sent, 'primary'),
    reporting: await rowsRead(world, sent, 'reporting'),
  };
}

const keepingInLine = (world: DriftWorld) => ({
  publications,
  subscriptions: {
    [world.feed]: {
      node: 'reporting',
      source: 'primary',
      publications: ['sales'],
      schema_sync: 'auto',
    },
  },
});

test('a row a schema where the nodes are in line; one difference, the tables of its schema', async () => {
  const world = await newest({ publications }, same(fill));
  await world.describe(keepingInLine(world));
  // What the DDL would be, and what would stop apply, is told from the same reading.
  expect(await planned(world)).toEqual({ changes: [], primary: [2], reporting: [2] });
  // Two rows of what the tables are, and two of what is on record of them.
  expect(await drifted(world)).toEqual({ findings: [], primary: [2, 2], reporting: [2, 2] });

  await world.primary.query('ALTER TABLE two.t7 ADD extra int');
  const plan = await planned(world);
  expect(plan.changes).toContain('reporting/table.two.t7');
  expect(plan.primary.slice(0, 2)).toEqual([2, perSchema]);
  expect(plan.reporting.slice(0, 2)).toEqual([2, perSchema]);
  const report = await drifted(world);
  expect(report.findings).toContainEqual(['primary/table.two.t7', 'SCHEMA_CHANGED']);
  expect(report.findings).toHaveLength(2);
  expect(report.primary.slice(0, 3)).toEqual([2, 2, perSchema]);
  expect(report.reporting.slice(0, 2)).toEqual([2, 2]);
  await close(world);
});

test('tables with something of their own on the subscriber are in line, and nothing else is drift', async () => {
  const world = await newest({ publications }, same(fill));
  await world.describe(keepingInLine(world));
  await world.reporting.query('CREATE INDEX own ON one.t1 (note)');
  const plan = await planned(world);
  expect(plan.changes).toEqual([]);
  expect(plan.reporting.slice(0, 2)).toEqual([2, perSchema]);
  expect((await drifted(world)).findings).toEqual([['reporting/table.one.t1', 'SCHEMA_CHANGED']]);
  await world.primary.query('DROP TABLE two.t9');
  expect((await drifted(world)).findings).toContainEqual([
    'primary/table.two.t9',
    'SCHEMA_CHANGED',
  ]);
  await close(world);
});
