// A password of odd characters through a whole life: steep connects with it, hands it to subscribers, and
// writes it nowhere, neither as it is nor escaped in any way.

import { readdir } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import type { CliResult } from '../support/cli.ts';
import { waitForSameRows } from '../support/hashes.ts';
import { cluster, type PrivateServer } from '../support/servers/cluster.ts';
import { newestMajor } from '../support/servers/majors.ts';
import { urlOf } from '../support/servers/test-database.ts';
import { createEdge, type Edge, items } from '../support/worlds/edge.ts';
import type { Project } from '../support/worlds/project.ts';

/** However it is quoted, doubled or encoded, these stay, and nothing else looks like them. */
const pieces = ['Kq7Wva', 'Xz9Jbe', 'Nh2Tci', 'Fd4Gmo', 'Lr8Pyu', 'Sb3Qwk'] as const;

const canary = pieces.join(`'"\\ %40@:/?#&=ü$$;--`);

/** Also in texts that hide characters: bytes as bytea prints them, and base64 (of any alignment). */
const hidden = [
  ...pieces.map((piece) => Buffer.from(piece).toString('hex')),
  ...['', '.', '..'].map((before) =>
    Buffer.from(before + canary)
      .toString('base64')
      .slice(4, 44),
  ),
];

const seen: Record<string, string> = {};
let server: PrivateServer;
let edge: Edge;

/** Runs a command and keeps everything that it says. */
async function steep(project: Project, ...args: readonly string[]): Promise<CliResult> {
  const result = await project.steep(...args);
  seen[`${Object.keys(seen).length} ${args.join(' ')}`] = result.stdout + result.stderr;
  return result;
}

async function expectExit(code: number, project: Project, ...args: readonly string[]) {
  const result = await steep(project, ...args);
  expect(result.code, result.stdout + result.stderr).toBe(code);
}

const urlWith = (node: 'publisher' | 'subscriber', keywords: Readonly<Record<string, string>>) =>
  urlOf(edge[node].conninfo.with({ user: 'canary', password: canary, ...keywords }));

beforeAll(async () => {
  server = await cluster.privateServer(newestMajor);
  edge = await createEdge({ publisher: server, subscriber: server, lasting: true });
  await edge.publisher.query(`SELECT set_config('canary.password', $1, false)`, [canary]);
  await edge.publisher.query(`
    DO $do$ BEGIN
      EXECUTE format('CREATE ROLE canary SUPERUSER LOGIN PASSWORD %L', current_setting('canary.password'));
      CREATE ROLE stranger SUPERUSER LOGIN PASSWORD 'another';
    END $do$`);
});

const plainOutput = ['--log-file', 'text.log', '--log-format', 'text'] as const;
const apply = ['apply', '--auto-approve'] as const;
const generate = ['snapshot', 'generate', '--node', 'publisher', '--publication', 'items'] as const;

/** Ways to reach, or not to reach, a server with the canary. */
const wrongPassword = { user: 'stranger' };
const closedPort = { port: '1' };
const missingDatabase = { dbname: 'no where' };

async function live(project: Project): Promise<void> {
  const reports = ['markdown', 'html', 'sql', 'json', 'junit'].flatMap((kind) => [
    '--report',
    `${kind}=r.${kind}`,
  ]);
  await expectExit(0, project, 'validate');
  await expectExit(0, project, 'plan', '--out', 'p', ...reports, '--log-file', 'plan.log');
  await expectExit(0, project, 'plan', '--json');
  await expectExit(0, project, 'plan', '--sql');
  await expectExit(0, project, 'show', 'p');
  await expectExit(0, project, ...apply, '--json', '--log-file', 'apply.log');
  await waitForSameRows(edge.publisher, edge.subscriber, [items]);
  await expectExit(0, project, 'status');
  await expectExit(0, project, 'status', '--json');
  const logged = ['--log-file', 'snapshot.log'] as const;
  await expectExit(0, project, ...generate, '--output', 'snapshot', ...logged);
  await expectExit(0, project, 'snapshot', 'delete', 'snapshot', '--auto-approve', ...logged);
}

/** steep itself cannot connect, as each command says. */
async function failToConnect(project: Project): Promise<void> {
  for (const broken of [wrongPassword, closedPort, missingDatabase]) {
    const failing = project.with({ publisher: urlWith('publisher', broken) });
    await expectExit(7, failing, 'plan', '--out', 'unread', ...plainOutput);
    await expectExit(7, failing, 'status', '--json');
    await expectExit(7, failing, ...apply);
    await expectExit(7, failing, ...generate, '--output', 'snapshot', ...plainOutput);
  }
}

/** The server of the subscriber cannot connect: CREATE SUBSCRIPTION fails. */
async function failToSubscribe(project: Project): Promise<void> {
  await edge.project.describe({
    ...edge.topology,
    nodes: { publisher: { replication_connection: `\${BROKEN_URL}` } },
  });
  // Exit 6: something was done before, and later 1: nothing was done by that run.
  for (const [exit, broken] of [
    [6, wrongPassword],
    [1, closedPort],
    [1, missingDatabase],
  ] as const) {
    const failing = project.with({ broken: urlWith('publisher', broken) });
    await expectExit(exit, failing, ...apply, '--json', '--log-file', 'failed.log');
    await expectExit(1, failing, ...apply, ...plainOutput);
  }
  await edge.project.describe(edge.topology);
}

/** The password stays, the connection string does not: steep alters the subscription's. */
async function changeConnection(project: Project): Promise<void> {
  const changed = project.with({ publisher: `${urlWith('publisher', {})}?connect_timeout=9` });
  const planned = await steep(changed, 'plan', '--sql');
  expect(planned.stdout).toContain(`CONNECTION '***'`);
  await expectExit(0, changed, ...apply, ...plainOutput);
}

/** Every row of every table of steep_repl, and what pg_stat_activity tells of everybody but us. */
async function seenByServers(): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const [node, database] of Object.entries({
    publisher: edge.publisher,
    subscriber: edge.subscriber,
  })) {
    const tables = await database.query<{ readonly name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class
        WHERE relnamespace = 'steep_repl'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')`,
    );
    expect(tables.length).toBeGreaterThanOrEqual(5);
    for (const { name } of tables) {
      found[`${node} ${name}`] = JSON.stringify(await database.query(`TABLE ${name}`));
    }
    found[`${node} activity`] = JSON.stringify(
      await database.query(
        'SELECT query, application_name FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
      ),
    );
  }
  return found;
}

async function seenInFiles(): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(edge.project.path('.'));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await edge.project.read(name)] as const)),
  );
}

test('a whole life with a password, and every way to fail, shows it nowhere', async () => {
  const project = edge.project.with({
    publisher: urlWith('publisher', {}),
    subscriber: urlWith('subscriber', {}),
  });
  await failToConnect(project);
  await failToSubscribe(project);
  await live(project);
  await changeConnection(project);
  const [{ conninfo } = { conninfo: '' }] = await edge.subscriber.query<{
    readonly conninfo: string;
  }>('SELECT subconninfo AS conninfo FROM pg_subscription');
  // The server has it: what follows could fail.
  expect(pieces.filter((piece) => !conninfo.includes(piece))).toEqual([]);

  const everything = { ...seen, ...(await seenInFiles()), ...(await seenByServers()) };
  expect(Object.keys(everything)).toEqual(
    expect.arrayContaining([
      'p',
      'unread',
      'r.markdown',
      'apply.log',
      'failed.log',
      'snapshot.log',
      'text.log',
    ]),
  );
  const shown = Object.entries(everything).flatMap(([where, text]) =>
    [...pieces, ...hidden]
      .filter((piece) => text.includes(piece))
      .map((piece) => ({ where, piece })),
  );
  expect(shown).toEqual([]);
});
