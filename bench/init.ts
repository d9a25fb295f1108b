// Initial copies: steep beside native copy_data and, where they are on PATH, beside the tools that copy databases. Each
// from an empty database; options: --scale 0.1 --major 15 --workers 4 --runs 1 --only small; --alone: no peers; --tls: both
// servers use it; --latency 20: milliseconds to the source and back

import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { type Dataset, datasets } from './init-datasets.ts';
import {
  fillDatabase,
  type Method,
  native,
  otherTools,
  query,
  steep,
  unchecked,
} from './init-methods.ts';
import { expectBelow, median, printMachine, printTable } from './machine.ts';
import { slowLine } from './slow-line.ts';
import { useTls } from './use-tls.ts';

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    major: { type: 'string', default: String(Math.max(...sandboxMajors)) },
    workers: { type: 'string', default: '4' },
    runs: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    alone: { type: 'boolean', default: false },
    tls: { type: 'boolean', default: false },
    latency: { type: 'string', default: '0' },
  },
});
const major = Number(options.major);
const workers = Number(options.workers);

const settings = {
  fsync: 'off',
  shared_buffers: '512MB',
  max_wal_size: '16GB',
  max_connections: '100',
  max_worker_processes: '32',
  max_logical_replication_workers: '16',
  max_sync_workers_per_subscription: String(workers),
  max_locks_per_transaction: '512',
};

interface Servers {
  readonly source: SandboxServer;
  readonly target: SandboxServer;
  /** By the line that is measured. */
  readonly reached: (source: Conninfo) => Conninfo;
  readonly home: string;
}

interface Taken {
  /** Milliseconds. */
  readonly ms: number;
  /** Of a processor, in this process: that of other programs is not known. */
  readonly cpuMs: number;
}

/** @throws where rows are missing afterwards. */
async function time(method: Method, servers: Servers, dataset: Dataset): Promise<Taken> {
  const maintenance = servers.target.conninfo('postgres');
  await query(maintenance, 'DROP DATABASE IF EXISTS copied WITH (FORCE)', 'CREATE DATABASE copied');
  const ends = {
    source: servers.reached(servers.source.conninfo('original')),
    target: servers.target.conninfo('copied'),
    dataset,
    workers,
    directory: servers.home,
  };
  await method.prepare(ends);
  await query(maintenance, 'CHECKPOINT');
  const [started, before] = [performance.now(), process.cpuUsage()];
  await method.run(ends);
  const [ms, { user, system }] = [performance.now() - started, process.cpuUsage(before)];
  await assertSame(ends.source, ends.target, dataset);
  await method.cleanUp(ends);
  return { ms, cpuMs: (user + system) / 1000 };
}

async function assertSame(source: Conninfo, target: Conninfo, { tables }: Dataset): Promise<void> {
  const count = `SELECT sum(n)::int8 AS rows FROM (${tables.map((table) => `SELECT count(*) AS n FROM public.${table}`).join(' UNION ALL ')}) AS t`;
  const [here] = await query<{ readonly rows: number }>(source, count);
  const [there] = await query<{ readonly rows: number }>(target, count);
  if (here?.rows !== there?.rows) throw new Error(`${here?.rows} rows became ${there?.rows}`);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function measure(servers: Servers, dataset: Dataset): Promise<readonly string[]> {
  const bytes = await fillDatabase(servers.source, dataset);
  const methods = [steep, unchecked, ...peers];
  const times = new Map<Method, Taken[]>(methods.map((method) => [method, []]));
  for (let run = 0; run < Number(options.runs); run += 1) {
    for (const method of methods) times.get(method)?.push(await time(method, servers, dataset));
  }
  const medianOf = (method: Method): number =>
    median((times.get(method) ?? []).map(({ ms }) => ms));
  const cpu = median((times.get(steep) ?? []).map(({ cpuMs }) => cpuMs));
  const withCheck = medianOf(steep) / medianOf(unchecked);
  misses.push(() => expectBelow(`${dataset.name}, check`, 100 * withCheck, 105, '% of --no-check'));
  if (!options.alone) {
    const share = medianOf(steep) / medianOf(native);
    misses.push(() =>
      expectBelow(dataset.name, 100 * share, 100 * dataset.targetRatio, '% of native'),
    );
  }
  return [
    dataset.name,
    `${Math.round(bytes / 1024 ** 2)} MB`,
    seconds(medianOf(steep)),
    seconds(medianOf(unchecked)),
    withCheck.toFixed(3),
    `${(cpu / 1000 / (bytes / 1e9)).toFixed(1)} s`,
    ...peers.flatMap((peer) => [
      seconds(medianOf(peer)),
      (medianOf(steep) / medianOf(peer)).toFixed(2),
    ]),
  ];
}

const peers = options.alone ? [] : [native, ...(await otherTools(major))];
const misses: (() => void)[] = [];
const home = await makeTemporaryHome('steep-bench-');
const start = (name: string): Promise<SandboxServer> =>
  startServer({ major, directory: `${home}/${name}`, copies: home, password: 'bench', settings });
const [source, target] = [await start('source'), await start('target')];
const latency = Number(options.latency);
const line = latency === 0 ? null : await slowLine(source.port, latency);
const reached = (conninfo: Conninfo): Conninfo =>
  line === null ? conninfo : conninfo.with({ port: String(line.port) });
const servers = { source, target, reached, home };
try {
  if (options.tls) for (const server of [source, target]) await useTls(server);
  const chosen = datasets(Number(options.scale)).filter(({ name }) => name.includes(options.only));
  const rows: (readonly string[])[] = [];
  for (const dataset of chosen) rows.push(await measure(servers, dataset));
  const names = peers.flatMap(({ name }) => [name, 'ratio']);
  printTable(
    [
      'database',
      'size',
      `steep, ${workers} workers`,
      unchecked.name,
      'ratio',
      'processor per GB',
      ...names,
    ],
    rows,
  );
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`\nPeak memory of the process: ${Math.round(peak)} MB`);
  printMachine([`${major}`]);
  for (const miss of misses) miss();
  expectBelow('Peak memory', peak, 250, 'MB');
} finally {
  line?.close();
  await Promise.all([servers.source.stop('immediate'), servers.target.stop('immediate')]);
  await rm(home, { recursive: true, force: true });
}
