// SC-004: a table of 100 MB is initialized again, from plan to converged, beside the same rows through one COPY into an
// emptied table. Options: --megabytes 100 --major 18

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { inProcess } from '../test/support/in-process.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import { datasets } from './init-datasets.ts';
import { fillDatabase, query } from './init-methods.ts';
import { expectBelow, printMachine, printTable, ratio, timed } from './machine.ts';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    major: { type: 'string', default: String(Math.max(...sandboxMajors)) },
  },
});
const major = Number(options.major);
const megabytes = Number(options.megabytes);

/** At a scale of 1 the table has about 2 GB. */
const dataset = datasets(megabytes / 1990).find(({ name }) => name === 'one table with its key');
if (dataset === undefined) throw new Error('the dataset is gone');
const [table = ''] = dataset.tables;

const home = await makeTemporaryHome('steep-bench-');
const server: SandboxServer = await startServer({
  major,
  directory: `${home}/server`,
  copies: home,
  password: 'bench',
  settings: { shared_buffers: '512MB', max_wal_size: '16GB', max_worker_processes: '32' },
});
const [source, target] = [server.conninfo('original'), server.conninfo('copied')];

const topology = (copy: 'native' | 'parallel') => ({
  version: 1,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: steep.yaml names the variable.
  nodes: { one: { connection: '${ONE_URL}' }, two: { connection: '${TWO_URL}' } },
  publications: { bench: { node: 'one', tables: [`public.${table}`] } },
  subscriptions: {
    bench: { node: 'two', source: 'one', publications: ['bench'], init: { copy } },
  },
  policy: { allow_hazards: ['TARGET_TRUNCATE'] },
});

const environment = { ONE_URL: urlOf(source), TWO_URL: urlOf(target) };

/** Milliseconds of `--reinit` of the table, until replication has converged. */
async function reinitialize(copy: 'native' | 'parallel'): Promise<number> {
  const file = join(home, `${copy}.yaml`);
  await writeFile(file, stringify(topology(copy)));
  await inProcess(file, environment).apply();
  const again = { prune: false, reinit: [`two/copy.bench:public.${table}`] };
  const took = await timed(async () => {
    const report = await inProcess(file, environment, () => undefined, again).apply();
    if (report?.outcome !== 'converged') throw new Error(`it ended as ${report?.outcome}`);
  });
  const count = `SELECT count(*)::int8 AS rows FROM public.${table}`;
  const [here] = await query<{ readonly rows: number }>(source, count);
  const [there] = await query<{ readonly rows: number }>(target, count);
  if (here?.rows !== there?.rows) throw new Error(`${here?.rows} rows became ${there?.rows}`);
  return took;
}

/** One COPY out to a file of the server, and one in, into the emptied table. */
const copyAlone = (): Promise<number> =>
  timed(async () => {
    const [found] = await query<{ readonly directory: string }>(
      source,
      `SELECT current_setting('data_directory') AS directory`,
    );
    const file = `${found?.directory}/rows`;
    await query(source, `COPY public.${table} TO '${file}' (FORMAT binary)`);
    await query(target, `TRUNCATE public.${table}`);
    await query(target, `COPY public.${table} FROM '${file}' (FORMAT binary)`);
  });

try {
  await fillDatabase(server, dataset);
  await query(server.conninfo('postgres'), 'CREATE DATABASE copied');
  await query(target, `SET search_path = public; ${dataset.schema}`);
  const [size] = await query<{ readonly bytes: number }>(
    source,
    `SELECT pg_table_size('public.${table}')::int8 AS bytes`,
  );
  const rows: (readonly string[])[] = [];
  const times = {
    parallel: await reinitialize('parallel'),
    native: await reinitialize('native'),
  };
  const peer = await copyAlone();
  for (const [copy, took] of Object.entries(times)) {
    rows.push([
      `--reinit of one table, copy: ${copy}`,
      `${Math.round(Number(size?.bytes) / 1024 ** 2)} MB`,
      `${(took / 1000).toFixed(1)} s`,
      `${(peer / 1000).toFixed(1)} s`,
      ratio(took, peer),
    ]);
  }
  printTable(['what', 'table', 'steep', 'COPY out and in', 'ratio'], rows);
  printMachine([`${major}`]);
  for (const [copy, took] of Object.entries(times))
    expectBelow(`copy: ${copy}`, took, 300_000, 'ms');
} finally {
  await server.stop('immediate');
  await rm(home, { recursive: true, force: true });
}
