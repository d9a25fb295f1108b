// A parallel copy by one process, and by several: the run and joined workers (steep worker --join), each with one connection
// that copies. Processor seconds for each side, which say what further machines could take over. Linux only.
// Options: --scale 0.05 --major 18 --processes 1,2,4 --runs 1

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { dataOf, type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import { datasets } from './init-datasets.ts';
import { fillDatabase, query } from './init-methods.ts';
import { median, printMachine, printTable } from './machine.ts';

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.05' },
    major: { type: 'string', default: String(Math.max(...sandboxMajors)) },
    processes: { type: 'string', default: '1,2,4' },
    runs: { type: 'string', default: '1' },
  },
});

const dataset = datasets(Number(options.scale)).find(({ name }) => name.startsWith('one table'));
if (dataset === undefined) throw new Error('there is no such dataset');

const settings = {
  fsync: 'off',
  shared_buffers: '256MB',
  max_wal_size: '8GB',
  wal_level: 'logical',
};
const program = new URL('../bin/run.js', import.meta.url).pathname;
const request = new URL('../dist/copy/copy-request.js', import.meta.url).href;
// Many chunks of a table that is smaller than those that are worth it.
const chunks = `(await import("${request}")).defaultTuning.chunkBytes = ${4 * 1024 * 1024}`;
const small = `--import data:text/javascript,${encodeURIComponent(chunks)}`;

/** Ticks of a process: with those of the children that have ended, where it is a server. */
async function ticksOf(pid: number | string, withEnded: boolean): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const own = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  return withEnded ? own + Number(fields[13] ?? 0) + Number(fields[14] ?? 0) : own;
}

const parentOf = async (pid: string): Promise<number> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
};

const ticksEach = 100;

/** Seconds of a server since it started. */
async function serverSeconds(postmaster: number): Promise<number> {
  let ticks = await ticksOf(postmaster, true);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if ((await parentOf(pid)) === postmaster) ticks += await ticksOf(pid, false);
  }
  return ticks / ticksEach;
}

/** Seconds of a program until it ends, as of a tenth of a second before. */
function watch(child: ChildProcess): () => number {
  let ticks = 0;
  const look = async (): Promise<void> => {
    ticks = Math.max(ticks, await ticksOf(child.pid ?? 0, false));
  };
  const timer = setInterval(() => void look(), 100);
  child.once('exit', () => clearInterval(timer));
  return () => ticks / ticksEach;
}

interface Taken {
  readonly seconds: number;
  readonly client: number;
  readonly source: number;
  readonly target: number;
  /** Loads that joined workers have stored. */
  readonly joined: number;
}

interface Servers {
  readonly source: SandboxServer;
  readonly target: SandboxServer;
  readonly pids: { readonly source: number; readonly target: number };
  readonly home: string;
}

const yaml = (isRun: boolean): string => `version: 1
nodes: { source: { connection: "\${SOURCE_URL}" }, target: { connection: "\${TARGET_URL}" } }
${
  isRun
    ? `publications: { bench: { node: source, tables: [single] } }
subscriptions: { bench: { node: target, source: source, publications: [bench], init: { copy: parallel, parallel_workers: 1 } } }`
    : ''
}
`;

async function time(servers: Servers, processes: number): Promise<Taken> {
  const { source, target, pids, home } = servers;
  const maintenance = target.conninfo('postgres');
  await query(maintenance, 'DROP DATABASE IF EXISTS copied WITH (FORCE)', 'CREATE DATABASE copied');
  const to = target.conninfo('copied');
  await query(to, `SET search_path = public; ${dataset?.schema}`);
  const directory = await mkdtemp(join(home, 'files-'));
  await writeFile(join(directory, 'steep.yaml'), yaml(true));
  await writeFile(join(directory, 'worker.yaml'), yaml(false));
  const env = {
    ...process.env,
    NODE_OPTIONS: small,
    SOURCE_URL: urlOf(source.conninfo('original')),
    TARGET_URL: urlOf(to),
  };
  const start = (...args: readonly string[]) =>
    spawn(process.execPath, [program, ...args], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const registered = start('node', 'register', 'target', '--auto-approve');
  await once(registered, 'exit');
  const workers = Array.from({ length: processes - 1 }, () =>
    start('worker', '--join', '--node', 'target', '--concurrency', '1', '--config', 'worker.yaml'),
  );
  let said = '';
  for (const worker of workers) worker.stderr.on('data', (text: Buffer) => (said += text));
  const leased = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'steep worker%'`;
  while ((await query<{ readonly n: number }>(to, leased))[0]?.n !== processes - 1) {
    if (workers.some(({ exitCode }) => exitCode !== null)) throw new Error(said);
    await delay(200);
  }
  const [from, into] = [await serverSeconds(pids.source), await serverSeconds(pids.target)];
  const started = performance.now();
  const run = start('apply', '--auto-approve');
  let output = '';
  for (const stream of [run.stdout, run.stderr])
    stream.on('data', (text: Buffer) => (output += text));
  const clients = [run, ...workers].map(watch);
  const [code] = (await once(run, 'exit')) as [number];
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(output);
  const taken = {
    seconds,
    client: clients.reduce((sum, of) => sum + of(), 0),
    source: (await serverSeconds(pids.source)) - from,
    target: (await serverSeconds(pids.target)) - into,
  };
  for (const worker of workers) worker.kill('SIGTERM');
  await Promise.all(
    workers.map(async (worker) => {
      if (worker.exitCode === null) await once(worker, 'exit');
    }),
  );
  await assertSame(source.conninfo('original'), to);
  await query(to, 'ALTER SUBSCRIPTION bench DISABLE', 'DROP SUBSCRIPTION bench');
  await query(
    source.conninfo('original'),
    'DROP PUBLICATION bench',
    'DROP SCHEMA steep_repl CASCADE',
  );
  const stored = [...said.matchAll(/left, after (\d+) loads/g)].map(([, count]) => Number(count));
  return { ...taken, joined: stored.reduce((sum, count) => sum + count, 0) };
}

/** @throws where a row is missing, there twice, or another one. */
async function assertSame(
  ...ends: readonly ReturnType<SandboxServer['conninfo']>[]
): Promise<void> {
  const sum = `SELECT count(*)::text || ' ' || sum(hashtextextended(t::text, 0))::text AS sum FROM public.single AS t`;
  const [here, there] = await Promise.all(
    ends.map(async (end) => (await query<{ readonly sum: string }>(end, sum))[0]?.sum),
  );
  if (here !== there) throw new Error(`the rows differ: ${here} and ${there}`);
}

const home = await makeTemporaryHome('steep-bench-');
const major = Number(options.major);
const start = (name: string): Promise<SandboxServer> =>
  startServer({ major, directory: `${home}/${name}`, copies: home, password: 'bench', settings });
const pidOf = async ({ directory }: SandboxServer): Promise<number> => {
  const text = await readFile(join(dataOf(directory), 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
};
const [source, target] = [await start('source'), await start('target')];
try {
  const pids = { source: await pidOf(source), target: await pidOf(target) };
  const bytes = await fillDatabase(source, dataset);
  const perGb = (value: number): string => `${(value / (bytes / 1e9)).toFixed(1)} s`;
  const rows: (readonly string[])[] = [];
  let alone: number | null = null;
  for (const processes of options.processes.split(',').map(Number)) {
    const all: Taken[] = [];
    for (let run = 0; run < Number(options.runs); run += 1) {
      all.push(await time({ source, target, pids, home }, processes));
    }
    const of = (key: keyof Taken): number => median(all.map((taken) => taken[key]));
    alone ??= of('seconds');
    const row = [
      String(processes),
      `${of('seconds').toFixed(1)} s`,
      (of('seconds') / alone).toFixed(2),
      perGb(of('client')),
      perGb(of('source')),
      perGb(of('target')),
      String(of('joined')),
    ];
    console.error(row.join('; '));
    rows.push(row);
  }
  console.log(`One table with its key, ${Math.round(bytes / 1e6)} MB\n`);
  printTable(
    [
      'processes',
      'time',
      'ratio',
      'clients per GB',
      'source per GB',
      'target per GB',
      'loads of joined workers',
    ],
    rows,
  );
  printMachine([`${major}`]);
} finally {
  await Promise.all([source.stop('immediate'), target.stop('immediate')]);
  await rm(home, { recursive: true, force: true });
}
