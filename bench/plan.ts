// How long a plan takes of a topology that is in sync: connect, read, compare, close. Beside it, in the same
// run, the same statements sent by the bare driver, node by node side by side. --small: the smaller one alone.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { expectBelow, median, milliseconds, printMachine, printTable, ratio } from './machine.ts';
import type { PlanTimes } from './plan-once.ts';
import { type Nodes, type Shape, startBench } from './replicating-nodes.ts';

interface Measured extends PlanTimes {
  readonly ours: number;
  readonly peer: number;
}

const runs = 11;
const isSmall = process.argv.includes('--small');

/** One node publishes 200 tables to three. */
const star: Shape = {
  nodes: 4,
  tables: 200,
  publications: 8,
  source: (node) => (node === 0 ? null : 0),
  publishes: (node) => node === 0,
};

/** Ten nodes in a row, each publishing its thousand tables. */
const row: Shape = {
  nodes: 10,
  tables: 1e3,
  publications: 97,
  source: (node) => (node === 0 ? null : node - 1),
  publishes: () => true,
};

const planOnce = fileURLToPath(new URL('plan-once.ts', import.meta.url));

function planned({ file, environment }: Nodes, times: number): PlanTimes {
  const output = execFileSync(process.execPath, [planOnce, file, String(times)], {
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1024 ** 3,
  });
  return JSON.parse(output) as PlanTimes;
}

/** The same statements by the driver alone: what no tool that asks the servers can do without. */
async function bare({ urls }: Nodes, { statements }: PlanTimes): Promise<number> {
  const started = performance.now();
  await Promise.all(
    Object.entries(urls).map(async ([node, connectionString]) => {
      const client = new Client({ connectionString });
      await client.connect();
      for (const { text } of statements.filter((sent) => sent.node === node)) {
        await client.query(text);
      }
      await client.end();
    }),
  );
  return performance.now() - started;
}

async function measure(nodes: Nodes): Promise<Measured> {
  const { peakBytes } = planned(nodes, 1);
  const plans = planned(nodes, runs);
  if (plans.changes > 0) throw new Error(`${plans.changes} changes, and it should be in sync`);
  const peers: number[] = [];
  for (let run = 0; run < runs; run += 1) peers.push(await bare(nodes, plans));
  return { ...plans, peakBytes, ours: median(plans.times), peer: median(peers) };
}

/** Everything sent but the brackets of the snapshots. */
const asked = ({ statements }: PlanTimes): readonly string[] =>
  statements.map(({ text }) => text.trim()).filter((text) => !/^(BEGIN|COMMIT)\b/.test(text));

/** Metadata and registration of each node, publications, and a slot for each subscription. */
const resourcesIn = (shape: Shape, subscriptions: number): number => {
  const publishers = Array.from({ length: shape.nodes }, (_, node) => node).filter(shape.publishes);
  return 2 * shape.nodes + publishers.length * shape.publications + 2 * subscriptions;
};

const rowOf = (shape: Shape, measured: Measured): readonly string[] => {
  const { checked, times, ours, peer, peakBytes } = measured;
  return [
    String(checked.nodes),
    String(resourcesIn(shape, checked.subscriptions)),
    String(checked.tables),
    milliseconds(ours),
    milliseconds(times[0] ?? Number.NaN),
    milliseconds(peer),
    ratio(ours, peer),
    `${asked(measured).length}, all SELECT`,
    `${Math.round(peakBytes / 1024 ** 2)} MB`,
  ];
};

const bench = await startBench();
try {
  const small = await measure(await bench.replicate('star', star));
  const large = isSmall ? null : await measure(await bench.replicate('row', row));
  for (const text of [small, large ?? []].flat().flatMap(asked)) {
    if (!text.startsWith('SELECT')) throw new Error(`a plan sent: ${text}`);
  }
  printTable(
    [
      'in sync',
      'tables',
      `median of ${runs}`,
      'first',
      'bare pg',
      'ratio',
      'statements',
      'peak RSS',
    ],
    [rowOf(star, small), ...(large === null ? [] : [rowOf(row, large)])],
  );
  printMachine([bench.version]);
  expectBelow('4 nodes', small.ours, 1000, 'ms');
  if (large !== null) {
    expectBelow('10 nodes', large.ours, 5000, 'ms');
    expectBelow('10 nodes, memory', large.peakBytes / 1024 ** 2, 300, 'MB');
  }
} finally {
  await bench.end();
}
