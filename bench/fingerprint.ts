// How long the fingerprints of all tables of a database take, on two nodes at once: one row a schema comes back. Beside
// it, in the same run, one plain SELECT over pg_attribute of the same databases.

import { rm } from 'node:fs/promises';
import type { Conninfo } from '../src/model/connection/conninfo.ts';
import { openSession, type Session } from '../src/postgres/session.ts';
import { sql } from '../src/postgres/sql/sql.ts';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { type SandboxServer, startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { readRoots } from '../src/schema/read-fingerprints.ts';
import { allTables } from '../src/schema/scope.ts';
import {
  type ComparedSessions,
  compareSchemas,
  inSnapshots,
} from '../src/workflows/schema/compare-schemas.ts';
import { expectBelow, median, milliseconds, printMachine, printTable, ratio } from './machine.ts';

const runs = 9;
const sizes = [
  { tables: 1000, targetMs: 100 },
  { tables: 10_000, targetMs: 1000 },
] as const;

/** Ten columns, six of them with a default or NOT NULL; a key, an index and a check. */
const tableOf = (n: number): string => `
  CREATE TABLE public.t${n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(),
    note text, amount numeric(10,2) DEFAULT 0 CHECK (amount >= 0), state varchar(20) DEFAULT 'new', payload jsonb,
    tags text[], active boolean NOT NULL DEFAULT true, updated date);
  CREATE INDEX ON public.t${n} (customer_id);`;

const batch = 200;

async function open(conninfo: Conninfo): Promise<Session> {
  return openSession(conninfo, { node: conninfo.endpoint, applicationName: 'bench' });
}

/** A database with so many tables, and a session to it. */
async function fill(server: SandboxServer, tables: number): Promise<Session> {
  const name = `tables_${tables}`;
  const first = await open(server.conninfo('postgres'));
  await first.script(`CREATE DATABASE ${name}`);
  await first.close();
  const session = await open(server.conninfo(name));
  for (let from = 0; from < tables; from += batch) {
    await session.script(Array.from({ length: batch }, (_, n) => tableOf(from + n)).join(''));
  }
  await session.script('VACUUM ANALYZE');
  return session;
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

/** The work and its peer in turn, so that both see the same machine. */
async function measure(
  work: () => Promise<unknown>,
  peer: () => Promise<unknown>,
): Promise<{ readonly ours: number; readonly theirs: number }> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    ours.push(await timed(work));
    theirs.push(await timed(peer));
  }
  return { ours: median(ours), theirs: median(theirs) };
}

const plain = (session: Session) => session.query(sql`SELECT * FROM pg_catalog.pg_attribute`);

const request = {
  wanted: { schemas: null, tables: null },
  kind: 'strict',
  everyTable: false,
} as const;

/** A comparison of two equal databases; throws where they are not, or where a table was looked at. */
async function compare(ends: ComparedSessions): Promise<void> {
  const { matching, tables } = await inSnapshots(ends, () => compareSchemas(ends, request));
  if (matching.length !== 1 || tables.length > 0) throw new Error('the databases should be equal');
}

const home = await makeTemporaryHome('steep-bench-');
const servers = await Promise.all(
  [Math.min(...sandboxMajors), Math.max(...sandboxMajors)].map((major) =>
    startServer({
      major,
      directory: `${home}/${major}`,
      copies: home,
      password: 'bench',
      settings: { fsync: 'off', max_locks_per_transaction: '1024' },
    }),
  ),
);
try {
  const rows: string[][] = [];
  const misses: (() => void)[] = [];
  for (const { tables, targetMs } of sizes) {
    const sessions = await Promise.all(servers.map((server) => fill(server, tables)));
    const [local, remote] = sessions;
    if (local === undefined || remote === undefined) throw new Error('two servers are needed');
    const both = async (read: (session: Session) => Promise<unknown>) =>
      Promise.all(sessions.map(read));
    const roots = await measure(
      () => both((session) => readRoots(session, allTables)),
      () => both(plain),
    );
    const whole = await measure(
      () => compare([local, remote]),
      () => both(plain),
    );
    rows.push([
      String(tables),
      milliseconds(roots.ours),
      milliseconds(whole.ours),
      milliseconds(roots.theirs),
      ratio(roots.ours, roots.theirs),
      ratio(whole.ours, whole.theirs),
    ]);
    misses.push(() => expectBelow(`${tables} tables`, roots.ours, targetMs, 'ms'));
    await Promise.all(sessions.map((session) => session.close()));
  }
  printTable(
    [
      'tables',
      `fingerprints, median of ${runs}`,
      'compare',
      'plain SELECT',
      'ratio',
      'ratio of compare',
    ],
    rows,
  );
  printMachine(servers.map(({ major }) => String(major)));
  for (const miss of misses) miss();
} finally {
  await Promise.all(servers.map((server) => server.stop('immediate')));
  await rm(home, { recursive: true, force: true });
}
