// One database through everything that carries it.

import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readUserTables } from '../../src/catalog/copies/read-snapshot-source.ts';
import { hashTables } from '../../src/compare/table-hash.ts';
import { openSession, type Session } from '../../src/postgres/session.ts';
import { ddl, ident } from '../../src/postgres/sql/sql.ts';
import type { SandboxServer } from '../../src/sandbox/server.ts';
import { urlOf } from '../../test/support/servers/test-database.ts';

export interface PlayRequest {
  readonly source: SandboxServer;
  readonly target: SandboxServer;
  /** For files, gone at the end. */
  readonly home: string;
  /** Of its databases. */
  readonly name: string;
  readonly text: string;
}

export interface Outcome {
  readonly what: 'load' | 'export' | 'copy' | 'snapshot' | 'auto';
  /** Equal: every definition and every row is there. */
  readonly how: 'equal' | 'refused' | 'PROBLEM';
  readonly why: string;
}

export const play = async (request: PlayRequest): Promise<readonly Outcome[]> => {
  const { source, target, name, text } = request;
  try {
    await createDatabase(source, name, text);
  } catch (error) {
    return [{ what: 'load', how: 'refused', why: `the file cannot be run: ${String(error)}` }];
  }
  const made = `${name}_copied`;
  const exported = await exportInto(request, made);
  const copied = exported.how === 'equal' ? [await outcome('copy', copy(request, made))] : [];
  const [restored, aligned] = [`${name}_restored`, `${name}_aligned`];
  for (const made of [restored, aligned]) await createDatabase(target, made, '');
  return [
    exported,
    ...copied,
    await outcome('snapshot', snapshot(request, restored)),
    await outcome('auto', auto(request, aligned)),
  ];
};

/** What is refused says so with this code; a problem has any other. */
class Refusal extends Error {}

const outcome = async (what: Outcome['what'], done: Promise<void>): Promise<Outcome> =>
  done.then(
    () => ({ what, how: 'equal', why: '' }) as const,
    (error: unknown) => ({
      what,
      how: error instanceof Refusal ? ('refused' as const) : ('PROBLEM' as const),
      why: error instanceof Error ? error.message.trim() : String(error),
    }),
  );

const onDatabase = async <T>(
  server: SandboxServer,
  database: string,
  body: (session: Session) => Promise<T>,
): Promise<T> => {
  const session = await openSession(server.conninfo(database), {
    node: database,
    applicationName: 'corpus',
  });
  try {
    return await body(session);
  } finally {
    await session.close();
  }
};

const createDatabase = async (server: SandboxServer, name: string, text: string): Promise<void> => {
  await onDatabase(server, 'postgres', (session) =>
    session.query(ddl`CREATE DATABASE ${ident(name)}`),
  );
  if (text === '') return;
  await onDatabase(server, name, (session) => session.script(`SET search_path = public; ${text}`));
};

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const steep = (cwd: string, ...args: readonly string[]): Promise<Answer> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...args],
      { cwd, maxBuffer: 2 ** 28 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? 1);
        resolve({ code, stdout, stderr });
      },
    );
  });

/** Runs it, and once more with every consent that it asks for. */
const withConsent = async (cwd: string, ...args: readonly string[]): Promise<void> => {
  const first = await steep(cwd, ...args);
  const said = `${first.stdout}\n${first.stderr}`;
  // With a name that needs it, the flag is quoted for a shell.
  const asked = said.matchAll(/--allow-hazard (?:'((?:[^']|'\\'')+)'|([A-Z_]+=\S+))/g);
  const consents = [...asked].map(([, quoted, it]) => quoted?.replaceAll("'\\''", "'") ?? it ?? '');
  const last =
    first.code === 0 || consents.length === 0
      ? first
      : await steep(
          cwd,
          ...args,
          ...[...new Set(consents)].flatMap((it) => ['--allow-hazard', it]),
        );
  if (last.code === 0) return;
  const text = `exit ${last.code}: ${last.stderr || last.stdout.slice(-2000)}`;
  throw last.code === 3 ? new Refusal(text) : new Error(text);
};

const exportInto = ({ source, target, home, name }: PlayRequest, made: string): Promise<Outcome> =>
  outcome(
    'export',
    (async () => {
      const url = urlOf(source.conninfo(name));
      const { code, stdout, stderr } = await steep(home, 'schema', 'export', '-c', url, '--json');
      if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
      const { sql, requires, left_out: leftOut } = JSON.parse(stdout) as Exported;
      if (requires.length > 0) throw new Refusal(`needs ${requires.join(', ')}`);
      if (leftOut.length > 0) throw new Refusal(leftOut.join(' '));
      await createDatabase(target, made, sql);
      const peer = urlOf(target.conninfo(made));
      const compared = await steep(home, 'schema', 'compare', '-c', url, '--peer-connection', peer);
      if (compared.code !== 0) throw new Error(compared.stdout);
    })(),
  );

interface Exported {
  readonly sql: string;
  readonly requires: readonly string[];
  readonly left_out: readonly string[];
}

/** Every table has the same rows on both sides. */
const assertEqualRows = async (
  { source, target, name }: PlayRequest,
  other: string,
): Promise<void> => {
  const tables = await onDatabase(source, name, (session) => readUserTables(session, null));
  const [first, second] = await Promise.all([
    onDatabase(source, name, (session) => hashTables(session, tables)),
    onDatabase(target, other, (session) => hashTables(session, tables)),
  ]);
  const differing = Object.keys(first).filter(
    (table) => JSON.stringify(first[table]) !== JSON.stringify(second[table]),
  );
  if (differing.length > 0) throw new Error(`other rows in ${differing.join(', ')}`);
};

const project = async (
  { source, target, home, name }: PlayRequest,
  other: string,
  schemaSync: 'strict' | 'auto' = 'strict',
): Promise<string> => {
  const folder = join(home, `${other}-project`);
  await mkdir(folder);
  const nodes = {
    source: { connection: urlOf(source.conninfo(name)) },
    target: { connection: urlOf(target.conninfo(other)) },
  };
  const subscription = {
    node: 'target',
    source: 'source',
    publications: ['all'],
    slot: `feed_${other}`,
    schema_sync: schemaSync,
  };
  // Tables without a key can be published too.
  const file = {
    version: 1,
    nodes,
    publications: { all: { node: 'source', tables: ['*'], publish: ['insert'] } },
    subscriptions: { feed: subscription },
  };
  await writeFile(join(folder, 'steep.yaml'), JSON.stringify(file), { mode: 0o600 });
  return folder;
};

const copy = async (request: PlayRequest, made: string): Promise<void> => {
  const folder = await project(request, made);
  await withConsent(folder, 'apply', '--auto-approve');
  await assertEqualRows(request, made);
  // A server has slots and workers for a few only.
  await steep(folder, 'destroy', '--auto-approve');
};

const snapshot = async (request: PlayRequest, restored: string): Promise<void> => {
  const folder = await project(request, restored);
  const place = join(folder, 'snapshot');
  await withConsent(
    folder,
    'snapshot',
    'generate',
    '--node',
    'source',
    '--no-slot',
    '--output',
    place,
  );
  const load = ['snapshot', 'apply', '--node', 'target', '--input', place, '--schema-sync', 'auto'];
  await withConsent(folder, ...load);
  await assertEqualRows(request, restored);
};

/** The tables are made by the plan that copies their rows; what it refuses, it has not begun. */
const auto = async (request: PlayRequest, aligned: string): Promise<void> => {
  const folder = await project(request, aligned, 'auto');
  try {
    await withConsent(folder, 'apply', '--auto-approve');
  } catch (error) {
    const begun = await onDatabase(request.target, aligned, (session) =>
      readUserTables(session, null),
    );
    if (error instanceof Refusal && begun.length > 0)
      throw new Error(`refused after ${begun.length} tables: ${error.message}`);
    throw error;
  }
  await assertEqualRows(request, aligned);
  const again = await steep(folder, 'plan');
  if (!/^No changes\. /m.test(again.stdout)) throw new Error(`a second plan: ${again.stdout}`);
  await steep(folder, 'destroy', '--auto-approve');
};
