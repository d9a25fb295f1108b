// A merge of two nodes, and how long their applications cannot write: one writer on each node, which updates a row of the
// tables again and again. Options: --rows 1000000 --conflicts 100000 --major 18

import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { engineSql } from '../src/postgres/sql/sql.ts';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { urlOf } from '../test/support/servers/test-database.ts';
import { open, query } from './init-methods.ts';
import { milliseconds, printMachine, printTable, timed } from './machine.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    conflicts: { type: 'string', default: '100000' },
    major: { type: 'string', default: String(Math.max(...sandboxMajors)) },
  },
});
const [rows, conflicts] = [Number(options.rows), Number(options.conflicts)];
const settings = { wal_level: 'logical', shared_buffers: '256MB', max_wal_size: '8GB' };
const run = promisify(execFile);

const fill = (conninfo: Conninfo): Promise<unknown> =>
  query(
    conninfo,
    'CREATE TABLE public.orders (id bigint PRIMARY KEY, customer int, note text, price numeric(12, 2), at timestamptz)',
    `INSERT INTO public.orders SELECT n, n % 1000, md5(n::text), n / 7.0, '2026-01-01'::timestamptz + n * interval '1 s'
       FROM generate_series(1, ${rows}) AS n`,
    'CREATE TABLE public.beat (id int PRIMARY KEY, n int)',
    'INSERT INTO public.beat VALUES (1, 0), (2, 0)',
    'VACUUM (ANALYZE, FREEZE) public.orders',
  );

/** Writes until it is told to end; returns the longest that one write took. */
const write = async (conninfo: Conninfo, id: number, signal: AbortSignal): Promise<number> => {
  const session = await open(conninfo);
  let longest = 0;
  while (!signal.aborted) {
    const statement = engineSql(`UPDATE public.beat SET n = 1 WHERE id = ${id}`);
    longest = Math.max(longest, await timed(() => session.query(statement)));
  }
  await session.close();
  return longest;
};

const ticksPerSecond = 100;

/** Of a server and of all sessions that it has had and that have ended, in seconds. */
const processorOf = async ({ pid }: SandboxServer): Promise<number> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond;
};

const file = `
version: 1
nodes: { a: { connection: "\${A_URL}" }, b: { connection: "\${B_URL}" } }
pairs:
  both:
    nodes: [a, b]
    tables: [public.beat, public.orders]
    init: { method: merge, strategy: prefer-node-a, max_overwrites: ${conflicts + 10} }
policy: { allow_hazards: [MERGE_LOCKS, MERGE_OVERWRITES, MERGE_KEYS_COLLIDE] }
`;

interface Timed {
  readonly ms: number;
  readonly client: number;
  readonly servers: number;
}

const home = await makeTemporaryHome('steep-bench-');
const start = (name: string): Promise<SandboxServer> =>
  startServer({
    major: Number(options.major),
    directory: join(home, name),
    copies: home,
    password: 'bench',
    settings,
  });
const servers = [await start('a'), await start('b')] as const;
const [a, b] = [servers[0].conninfo('postgres'), servers[1].conninfo('postgres')];
const config = join(home, 'steep.yaml');

/** The command, and what it takes of the processors: its own and that of the servers. */
const steep = async (...args: readonly string[]): Promise<Timed> => {
  const before = [await processorOf(servers[0]), await processorOf(servers[1])];
  const env = { ...process.env, A_URL: urlOf(a), B_URL: urlOf(b) };
  const command = ['bin/run.js', ...args, '--config', config];
  const childTime = join(home, 'time');
  const script = 'TIMEFORMAT="%U %S"; { time "$@" > /dev/null 2>&3; } 3>&2 2> "$0"';
  const ms = await timed(() =>
    run('bash', ['-c', script, childTime, process.execPath, ...command], { env }),
  );
  const after = [await processorOf(servers[0]), await processorOf(servers[1])];
  const [user = 0, system = 0] = (await readFile(childTime, 'utf8')).trim().split(' ').map(Number);
  const sum = (all: readonly number[]): number => all.reduce((left, right) => left + right, 0);
  return { ms, client: user + system, servers: sum(after) - sum(before) };
};

try {
  await Promise.all([fill(a), fill(b)]);
  await query(b, `UPDATE public.orders SET note = 'changed' WHERE id <= ${conflicts}`);
  await Promise.all([a, b].map((node) => query(node, 'CHECKPOINT')));
  await writeFile(config, file);
  const analyzed = await steep('merge', 'analyze', 'both');
  const ended = new AbortController();
  const writers = [write(a, 1, ended.signal), write(b, 2, ended.signal)];
  const applied = await steep('apply', '--auto-approve');
  ended.abort();
  const longest = await Promise.all(writers);
  const [kept] = await query<{ readonly n: number }>(
    b,
    `SELECT count(*)::int AS n FROM steep_repl.merge_audit_log WHERE table_name = 'public.orders'`,
  );
  if (kept?.n !== conflicts) throw new Error(`${kept?.n} rows are on record`);
  const line = (name: string, { ms, client, servers: of }: Timed): readonly string[] => [
    name,
    milliseconds(ms),
    `${client.toFixed(1)} s`,
    `${of.toFixed(1)} s`,
  ];
  console.log(`${rows} rows a side, ${conflicts} of them different\n`);
  printTable(
    ['command', 'time', 'processor, steep', 'processor, both servers'],
    [line('merge analyze', analyzed), line('apply', applied)],
  );
  console.log(`\nThe longest write: ${longest.map(milliseconds).join(' and ')}`);
  printMachine([options.major]);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(home, { recursive: true, force: true });
}
