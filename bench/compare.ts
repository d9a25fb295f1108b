// Rows of two databases compared: steep beside a full join over postgres_fdw, beside hashes of blocks of keys in SQL, beside
// pg_dump | sort | diff where pg_dump is on PATH, and beside reading and hashing both sides at once. Options: --rows 1000000 --different 10000 --jobs 2 --major 18

import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { parseArgs, promisify } from 'node:util';
import { hashTables } from '../src/compare/table-hash.ts';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { openSession } from '../src/postgres/session.ts';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { verifyPeers } from '../src/workflows/verify/verify-peers.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import { query } from './init-methods.ts';
import { milliseconds, printMachine, printTable, ratio, timed } from './machine.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    different: { type: 'string', default: '10000' },
    jobs: { type: 'string', default: '2' },
    major: { type: 'string', default: String(Math.max(...sandboxMajors)) },
  },
});
const rows = Number(options.rows);
const different = Number(options.different);
const settings = { fsync: 'off', shared_buffers: '256MB', max_wal_size: '8GB' };

const fill = async (conninfo: Conninfo): Promise<void> => {
  await query(
    conninfo,
    'CREATE TABLE public.orders (id bigint PRIMARY KEY, customer int, note text, price numeric(12, 2), at timestamptz)',
    `INSERT INTO public.orders SELECT n, n % 1000, md5(n::text), n / 7.0, '2026-01-01'::timestamptz + n * interval '1 s'
       FROM generate_series(1, ${rows}) AS n`,
    'VACUUM (ANALYZE, FREEZE) public.orders',
  );
};

const steep = async (here: Conninfo, there: Conninfo): Promise<number> => {
  const { report } = await verifyPeers(
    {
      file: '',
      connection: urlOf(here),
      peer: urlOf(there),
      tables: null,
      fast: false,
      jobs: Number(options.jobs),
      maxRate: null,
      settleMs: 60_000,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onRow: () => undefined,
    },
    {
      steepVersion: '0.1.0',
      user: 'bench',
      hostname: 'localhost',
      environment: {},
      now: () => new Date(),
      clock: () => performance.now(),
    },
  );
  return report?.edges[0]?.tables[0]?.counts?.different ?? -1;
};

const hashBoth = (...both: readonly Conninfo[]) =>
  Promise.all(
    both.map(async (conninfo) => {
      const session = await openSession(conninfo, { node: 'bench', applicationName: 'bench' });
      await hashTables(session, [{ schema: 'public', name: 'orders' }]);
      await session.close();
    }),
  );

const join = async (here: Conninfo): Promise<number> => {
  const [row] = await query<{ readonly n: number }>(
    here,
    'SELECT count(*)::int AS n FROM public.orders AS a FULL JOIN far.orders AS b USING (id) WHERE (a.*)::text IS DISTINCT FROM (b.*)::text',
  );
  return row?.n ?? -1;
};

const link = async (here: Conninfo, there: Conninfo): Promise<void> => {
  const { host, port, password, username, pathname } = new URL(urlOf(there));
  await query(
    here,
    'CREATE EXTENSION postgres_fdw SCHEMA public',
    `CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '${host.split(':')[0]}', port '${port}', dbname '${pathname.slice(1)}', fetch_size '10000')`,
    `CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user '${username}', password '${password}')`,
    'CREATE SCHEMA far',
    'IMPORT FOREIGN SCHEMA public LIMIT TO (orders) FROM SERVER far INTO far',
  );
};

const keysABlock = 10_000;

interface Hashed {
  readonly part: string;
  readonly hash: string;
}

/** As tools do that keep hashes of blocks: those of both sides first, then the rows of the blocks that differ. */
const blocks = async (here: Conninfo, there: Conninfo): Promise<number> => {
  const onBoth = async (statement: string): Promise<readonly Hashed[]> => {
    const [ours, theirs] = await Promise.all(
      [here, there].map((it) => query<Hashed>(it, statement)),
    );
    const known = new Map(theirs?.map(({ part, hash }) => [part, hash]));
    return ours?.filter(({ part, hash }) => known.get(part) !== hash) ?? [];
  };
  const differing = await onBoth(
    `SELECT (id / ${keysABlock})::text AS part, md5(string_agg(md5(o::text), '' ORDER BY id)) AS hash
       FROM public.orders AS o GROUP BY id / ${keysABlock}`,
  );
  const rowsOf = await onBoth(
    `SELECT id::text AS part, md5(o::text) AS hash FROM public.orders AS o
      WHERE id / ${keysABlock} = ANY ('{${differing.map(({ part }) => part).join(',')}}')`,
  );
  return rowsOf.length;
};

const run = promisify(execFile);
const hasDump = await run('pg_dump', ['--version']).then(
  () => true,
  () => false,
);

/** Lines that differ, two for each row; fewer where pg_dump is older than the server, and writes nothing. */
const dump = async (here: Conninfo, there: Conninfo): Promise<number> => {
  const sorted = '<(pg_dump --data-only -t public.orders "$0" | LC_ALL=C sort)';
  const other = sorted.replace('$0', '$1');
  const script = `diff ${sorted} ${other} | grep -c '^[<>]'`;
  const { stdout } = await run('bash', ['-c', script, urlOf(here), urlOf(there)]);
  return Number(stdout) / 2;
};

const assertFound = (name: string, found: number): void => {
  if (found !== different) throw new Error(`${name} found ${found} of ${different} rows`);
};

const home = await makeTemporaryHome('steep-bench-');
const start = (name: string): Promise<SandboxServer> =>
  startServer({
    major: Number(options.major),
    directory: `${home}/${name}`,
    copies: home,
    password: 'bench',
    settings,
  });
const servers = [await start('here'), await start('there')] as const;
try {
  const [here, there] = [servers[0].conninfo('postgres'), servers[1].conninfo('postgres')];
  await Promise.all([fill(here), fill(there)]);
  await query(there, `UPDATE public.orders SET note = 'changed' WHERE id <= ${different}`);
  await link(here, there);
  const base = await timed(() => hashBoth(here, there));
  const ofSteep = await timed(async () => assertFound('steep', await steep(here, there)));
  const ofJoin = await timed(async () => assertFound('the join', await join(here)));
  const ofBlocks = await timed(async () => assertFound('the blocks', await blocks(here, there)));
  let dumped = hasDump ? 0 : -1;
  const ofDump = await timed(async () => {
    if (hasDump) dumped = await dump(here, there).catch(() => -1);
  });
  const line = (name: string, ms: number): readonly string[] => [
    name,
    milliseconds(ms),
    ratio(ms, ofSteep),
  ];
  console.log(`${rows} rows a side, ${different} of them different\n`);
  printTable(
    ['method', 'time', 'by that of steep'],
    [
      line('read and hash both sides at once, one session each', base),
      line(`steep verify -c … --peer …, --jobs ${options.jobs}`, ofSteep),
      line('full join over postgres_fdw', ofJoin),
      line(`md5 of blocks of ${keysABlock} keys, then of the rows in those that differ`, ofBlocks),
      ...(dumped === different ? [line('pg_dump, sort, diff', ofDump)] : []),
    ],
  );
  printMachine([options.major]);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(home, { recursive: true, force: true });
}
