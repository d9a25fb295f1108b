// Two-phase snapshots beside pg_dump -Fd and pg_restore with as many jobs and the same compression, and beside what the
// disk and the server's COPY give. Options: --scale 0.1 --major 15 --jobs 4 --runs 1 --only small

import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { runsAnything } from '../src/copy/check/code-guard.ts';
import { migrationsBetween } from '../src/metadata/migrations.ts';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { checkpointsKeyOf, schemaFile } from '../src/model/snapshot/snapshot.ts';
import { metadataVersion } from '../src/model/state/metadata-version.ts';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { loadFiles } from '../src/snapshot/load.ts';
import { readManifest } from '../src/snapshot/manifest/read-manifest.ts';
import { openStorage } from '../src/snapshot/storage/open-storage.ts';
import { generate } from '../src/workflows/snapshot/snapshot-generate.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import { type Dataset, datasets } from './init-datasets.ts';
import { dumpMajorOnPath, endless, fillDatabase, open, query } from './init-methods.ts';
import { expectBelow, median, printMachine, printTable, timed } from './machine.ts';
import { readOnly, writeOnly } from './snapshot-limits.ts';

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    major: { type: 'string', default: String(Math.max(...sandboxMajors)) },
    jobs: { type: 'string', default: '4' },
    runs: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const major = Number(options.major);
const jobs = Number(options.jobs);
const execute = promisify(execFile);
const megabyte = 1024 ** 2;

const settings = {
  fsync: 'off',
  shared_buffers: '512MB',
  max_wal_size: '16GB',
  max_connections: '100',
  max_locks_per_transaction: '2048',
};

const host = {
  steepVersion: 'bench',
  user: 'bench',
  hostname: 'localhost',
  environment: {},
  now: () => new Date(),
  clock: () => performance.now(),
};

/** steep's name, and pg_dump's, which has lz4 and zstd from 16 on. */
const allCodecs = [
  { ours: 'none', theirs: '0', since: 0 },
  { ours: 'gzip:1', theirs: '1', since: 0 },
  { ours: 'zstd:3', theirs: 'zstd:3', since: 16 },
  { ours: 'lz4', theirs: 'lz4', since: 16 },
] as const;

const dumpMajor = await dumpMajorOnPath();
const codecs = allCodecs.filter(({ since }) => dumpMajor >= since);

const nothing = (): void => undefined;

const generateTo = (source: Conninfo, location: string, compression: string): Promise<unknown> =>
  generate(
    {
      file: 'none',
      node: { node: null, connection: urlOf(source), as: 'source' },
      wanted: { tables: null, schemas: null },
      publications: [],
      signWith: null,
      location,
      compression,
      jobs,
      slot: 'bench_anchor',
      restart: false,
      holdTables: false,
      holdMs: 60_000,
      slotTimeoutMs: 60_000,
      waitForLockMs: 0,
      signal: new AbortController().signal,
      onProgress: nothing,
      onEvent: nothing,
      say: nothing,
    },
    host,
  );

/** Schema, rows, indexes, constraints: what pg_restore does. */
async function applyFrom(target: Conninfo, location: string): Promise<void> {
  const storage = await openStorage(location, { create: false });
  const manifest = await readManifest(storage);
  const session = await open(target);
  await session.script(await readFile(`${location}/${schemaFile}`, 'utf8'));
  await session.close();
  await loadFiles({
    node: 'target',
    storage,
    manifest,
    checkpointsKey: checkpointsKeyOf(manifest.snapshotId),
    tables: manifest.tables.map(({ schema, name }) => ({ schema, name })),
    runId: 'bench',
    workers: jobs,
    openTarget: () => open(target),
    signal: new AbortController().signal,
    clock: () => performance.now(),
    sleep: (ms) => delay(ms),
    locks: endless,
    guard: runsAnything,
    onProgress: nothing,
    onVerify: nothing,
    onTable: nothing,
  });
  await storage.close();
}

interface Servers {
  readonly source: SandboxServer;
  readonly target: SandboxServer;
  readonly home: string;
}

async function emptyTarget({ target }: Servers): Promise<Conninfo> {
  const maintenance = target.conninfo('postgres');
  await query(maintenance, 'DROP DATABASE IF EXISTS copied WITH (FORCE)', 'CREATE DATABASE copied');
  const copied = target.conninfo('copied');
  for (const { text } of migrationsBetween(0, metadataVersion)) await query(copied, text);
  await query(maintenance, 'CHECKPOINT');
  return copied;
}

async function measure(
  servers: Servers,
  dataset: Dataset,
  codec: (typeof allCodecs)[number],
): Promise<readonly string[]> {
  const source = servers.source.conninfo('original');
  const times = {
    generate: [] as number[],
    dump: [] as number[],
    apply: [] as number[],
    restore: [] as number[],
  };
  const [ours, theirs] = [`${servers.home}/snapshot`, `${servers.home}/dump`];
  let stored = 0;
  for (let run = 0; run < Number(options.runs); run += 1) {
    const j = ['-j', String(jobs)];
    times.dump.push(
      await timed(() =>
        execute('pg_dump', ['-Fd', '-Z', codec.theirs, ...j, '-f', theirs, urlOf(source)]),
      ),
    );
    times.generate.push(await timed(() => generateTo(source, ours, codec.ours)));
    stored = Number((await execute('du', ['-sb', ours])).stdout.split('\t')[0]);
    await query(source, `SELECT pg_drop_replication_slot('bench_anchor')`);
    const forRestore = await emptyTarget(servers);
    times.restore.push(
      await timed(() => execute('pg_restore', [...j, '-d', urlOf(forRestore), theirs])),
    );
    const forApply = await emptyTarget(servers);
    times.apply.push(await timed(() => applyFrom(forApply, ours)));
    await rm(ours, { recursive: true });
    await rm(theirs, { recursive: true });
  }
  const middle = (of: keyof typeof times): number => median(times[of]);
  const disk = await writeOnly(`${servers.home}/raw`, stored);
  const copy = await readOnly(source, dataset, jobs);
  const place = `${dataset.name}, ${codec.ours}`;
  misses.push(() => {
    expectBelow(
      `generate, ${place}`,
      (100 * middle('generate')) / middle('dump'),
      100,
      '% of pg_dump',
    );
    expectBelow(
      `apply, ${place}`,
      (100 * middle('apply')) / middle('restore'),
      100,
      '% of pg_restore',
    );
  });
  return [
    dataset.name,
    codec.ours,
    `${Math.round(stored / megabyte)} MB`,
    ...['generate', 'dump'].map((it) => seconds(middle(it as keyof typeof times))),
    (middle('generate') / middle('dump')).toFixed(2),
    seconds(copy),
    seconds(disk),
    ...['apply', 'restore'].map((it) => seconds(middle(it as keyof typeof times))),
    (middle('apply') / middle('restore')).toFixed(2),
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const misses: (() => void)[] = [];
const home = await makeTemporaryHome('steep-bench-');
const start = (name: string): Promise<SandboxServer> =>
  startServer({ major, directory: `${home}/${name}`, copies: home, password: 'bench', settings });
const servers = { source: await start('source'), target: await start('target'), home };
try {
  const chosen = datasets(Number(options.scale)).filter(({ name }) => name.includes(options.only));
  const rows: (readonly string[])[] = [];
  for (const dataset of chosen) {
    await fillDatabase(servers.source, dataset);
    for (const codec of codecs) rows.push(await measure(servers, dataset, codec));
  }
  printTable(
    [
      'database',
      'codec',
      'stored',
      'generate',
      'pg_dump -Fd',
      'ratio',
      'COPY alone',
      'disk alone',
      'apply',
      'pg_restore',
      'ratio',
    ],
    rows,
  );
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`\nPeak memory of the process: ${Math.round(peak)} MB`);
  if (codecs.length < allCodecs.length) console.log(`pg_dump ${dumpMajor} has no zstd and no lz4.`);
  printMachine([`${major}`]);
  for (const miss of misses) miss();
  expectBelow('Peak memory', peak, 250, 'MB');
} finally {
  await Promise.all([servers.source.stop('immediate'), servers.target.stop('immediate')]);
  await rm(home, { recursive: true, force: true });
}
