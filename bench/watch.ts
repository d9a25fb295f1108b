// What steep watch takes of a machine: 50 nodes and 500 edges, drawn in a pseudo terminal. They are on 25
// throwaway servers, a publisher and a subscriber on each; subscriptions are disabled, so that the figures are those of steep
// watch alone. For Linux.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { stringify } from 'yaml';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import { expectBelow, milliseconds, printMachine, printTable } from './machine.ts';

const nodes = 50;
/** The first half publishes, the other half subscribes. */
const publishers = nodes / 2;
const edgesInto = 20;
const measuredSeconds = 30;
const target = { firstPaintMs: 300, core: 10, megabytes: 200 } as const;

const names = Array.from({ length: nodes }, (_, index) => `node_${index}`);
const sourceOf = (node: number, edge: number): string =>
  names[(node + edge + 1) % publishers] ?? '';
const slotOf = (node: number, edge: number): string => `s_${node}_${edge}`;

const withClient = async (url: string, body: (client: Client) => Promise<unknown>) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await body(client);
  } finally {
    await client.end();
  }
};

const edges = names.flatMap((node, index) =>
  Array.from({ length: index < publishers ? 0 : edgesInto }, (_, edge) => ({
    node,
    source: sourceOf(index, edge),
    slot: slotOf(index, edge),
  })),
);

type Servers = readonly SandboxServer[];

const conninfoOf = (servers: Servers, node: string, database = node) => {
  const server = servers[names.indexOf(node) % publishers];
  if (server === undefined) throw new Error(`no server for ${node}`);
  return server.conninfo(database);
};

const startServers = (home: string): Promise<SandboxServer[]> =>
  Promise.all(
    Array.from({ length: publishers }, (_, index) =>
      startServer({
        major: Math.max(...sandboxMajors),
        directory: join(home, `server_${index}`),
        password: 'bench',
        settings: {
          wal_level: 'logical',
          max_replication_slots: '40',
          max_wal_senders: '40',
          max_logical_replication_workers: '0',
          shared_buffers: '16MB',
          fsync: 'off',
        },
      }),
    ),
  );

const perNode = <T>(body: (client: Client, node: string) => Promise<T>, servers: Servers) =>
  Promise.all(
    names.map((node) =>
      withClient(urlOf(conninfoOf(servers, node)), (client) => body(client, node)),
    ),
  );

/** All slots before the first subscription: a slot waits for transactions, and they would wait for each other. */
const makeNodes = async (servers: Servers): Promise<void> => {
  for (const half of [names.slice(0, publishers), names.slice(publishers)]) {
    await Promise.all(
      half.map((name) =>
        withClient(urlOf(conninfoOf(servers, name, 'postgres')), (client) =>
          client.query(`CREATE DATABASE ${name}`),
        ),
      ),
    );
  }
  await perNode(async (client, name) => {
    await client.query(
      `CREATE TABLE items (id int PRIMARY KEY); CREATE PUBLICATION items_${name} FOR TABLE items`,
    );
    for (const { slot } of edges.filter(({ source }) => source === name)) {
      await client.query(`SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`);
    }
  }, servers);
  await perNode(async (client, name) => {
    for (const { source, slot } of edges.filter(({ node }) => node === name)) {
      await client.query(
        `CREATE SUBSCRIPTION ${slot} CONNECTION '${conninfoOf(servers, source).text.replaceAll("'", "''")}'
           PUBLICATION items_${source}
           WITH (enabled = false, create_slot = false, copy_data = false, slot_name = '${slot}')`,
      );
    }
  }, servers);
};

const topology = {
  version: 1,
  nodes: Object.fromEntries(
    names.map((name) => [name, { connection: `\${${name.toUpperCase()}}` }]),
  ),
  publications: Object.fromEntries(
    names.map((node) => [`items_${node}`, { node, tables: ['items'] }]),
  ),
  subscriptions: Object.fromEntries(
    edges.map(({ node, source, slot }) => [
      slot,
      { node, source, slot, publications: [`items_${source}`], enabled: false },
    ]),
  ),
  defaults: { init: { method: 'none' } },
};

interface Usage {
  /** Of the process and of the threads in it. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

const ticksPerSecond = 100;

const usageOf = (pid: number): Usage => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpuSeconds: (Number(stat[11]) + Number(stat[12])) / ticksPerSecond,
    megabytes: Number(resident) / 1024,
  };
};

const until = async (what: string, is: () => boolean): Promise<void> => {
  for (let tries = 0; !is(); tries += 1) {
    if (tries > 3000) throw new Error(`Waited too long for ${what}.`);
    await delay(10);
  }
};

const startWatch = (home: string, environment: Readonly<Record<string, string>>, flags: string) => {
  const program = `${import.meta.dirname}/../bin/run.js`;
  const script = `stty cols 200 rows 60; echo pid=$$; exec "${process.execPath}" "${program}" watch ${flags}`;
  const child = spawn('script', ['-qefc', script, '/dev/null'], {
    cwd: home,
    env: { ...process.env, ...environment, CI: '', TERM: 'xterm', LANG: 'C.UTF-8' },
  });
  let output = '';
  let paintedAt = 0;
  child.stdout.on('data', (data) => {
    output += String(data);
    if (paintedAt === 0 && /primary/.test(output)) paintedAt = Date.now();
  });
  return {
    type: (keys: string) => child.stdin.write(keys),
    output: () => output,
    paintedAt: () => paintedAt,
    bytes: () => output.length,
    pid: () => Number(/pid=(\d+)/.exec(output)?.[1]),
    ended: new Promise((resolve) => child.on('close', resolve)),
  };
};

type Environment = Readonly<Record<string, string>>;

/** Milliseconds from the first answer of a node, as it is recorded, until it is on the screen. */
const measureFirstPaint = async (home: string, environment: Environment): Promise<number> => {
  const watch = startWatch(home, environment, '--record seen.ndjson');
  // The role of a node is on the screen once it was read.
  await until('the first paint', () => watch.paintedAt() > 0).catch((error: unknown) => {
    throw new Error(watch.output().slice(-2000), { cause: error });
  });
  const recorded = readFileSync(join(home, 'seen.ndjson'), 'utf8').split('\n').slice(0, -1);
  const events = recorded.map((line) => JSON.parse(line) as { event: string; at: number });
  const first = events.find(({ event }) => event === 'watch.node');
  watch.type('q');
  await watch.ended;
  return watch.paintedAt() - (first?.at ?? Number.NaN);
};

/** Once all edges are on the screen. */
const measureUsage = async (home: string, environment: Environment) => {
  const watch = startWatch(home, environment, '');
  await until('the first paint', () => watch.paintedAt() > 0);
  watch.type('2');
  await until('all edges', () => watch.output().includes(`${edges.length} edges`));
  await delay(10_000);
  const before = { ...usageOf(watch.pid()), bytes: watch.bytes() };
  await delay(measuredSeconds * 1000);
  const after = { ...usageOf(watch.pid()), bytes: watch.bytes() };
  watch.type('q');
  await watch.ended;
  return {
    core: ((after.cpuSeconds - before.cpuSeconds) / measuredSeconds) * 100,
    megabytes: after.megabytes,
    bytes: (after.bytes - before.bytes) / measuredSeconds,
  };
};

const home = await makeTemporaryHome('steep-bench-');
let servers: Servers = [];
try {
  servers = await startServers(home);
  await makeNodes(servers);
  await writeFile(join(home, 'steep.yaml'), stringify(topology));
  const environment = Object.fromEntries(
    names.map((name) => [name.toUpperCase(), urlOf(conninfoOf(servers, name))]),
  );
  const firstPaintMs = await measureFirstPaint(home, environment);
  const { core, megabytes, bytes } = await measureUsage(home, environment);
  printTable(
    ['steep watch, 50 nodes, 500 edges', 'figure', 'target'],
    [
      [
        'first paint after the first answer',
        milliseconds(firstPaintMs),
        milliseconds(target.firstPaintMs),
      ],
      ['processor', `${core.toFixed(1)} % of a core`, `${target.core} %`],
      ['resident memory', `${Math.round(megabytes)} MB`, `${target.megabytes} MB`],
      ['written to the terminal', `${Math.round(bytes)} bytes/s`, '-'],
    ],
  );
  printMachine([String(Math.max(...sandboxMajors))]);
  expectBelow('first paint', firstPaintMs, target.firstPaintMs, 'ms');
  expectBelow('processor', core, target.core, '%');
  expectBelow('resident memory', megabytes, target.megabytes, 'MB');
} finally {
  await Promise.all(servers.map((server) => server.stop('immediate')));
  await rm(home, { recursive: true, force: true });
}
