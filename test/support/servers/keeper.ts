// The process that owns all test servers of one vitest run. Workers ask it for servers over HTTP; it ends
// when its stdin does, however vitest ended, and stops every server first. Nothing can be left running.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { makeTemporaryHome } from '../../../src/sandbox/temporary-home.ts';
import { docker } from '../providers/docker.ts';
import { embedded } from '../providers/embedded.ts';
import type { HostedServer } from '../providers/provider.ts';
import { makeDataHome } from './data-home.ts';
import type { KeeperAnswer, KeeperQuestion, ServerInfo } from './keeper-protocol.ts';

interface KeptServer {
  readonly server: HostedServer;
  readonly info: ServerInfo;
}

const run = promisify(execFile);

/** What belongs to a server that runs, and not to a backup of it. */
const ofTheServer = ['pg_wal', 'pg_replslot', 'postmaster.pid', 'postmaster.opts'];

/**
 * Many tests at a time, none of which may find a limit nearly reached, nor a table that was vacuumed between two
 * looks at its size; and little WAL, since it is in memory.
 */
const shared = {
  autovacuum: 'off',
  max_connections: '300',
  max_replication_slots: '100',
  max_wal_senders: '100',
  max_logical_replication_workers: '60',
  max_worker_processes: '100',
  max_wal_size: '256MB',
};

const provider = process.argv[2] === 'docker' ? docker : embedded;
const home = await makeDataHome('steep-tests-');
/** Of binaries, where they must be copied: what is in memory may not be run everywhere. */
const copies = await makeTemporaryHome('steep-tests-');
/** By id, from the moment they are asked for: two workers that ask at once get the same server. */
const servers = new Map<string, Promise<KeptServer>>();

const http = createServer((request, response) => {
  // One that is kept could be closed here in the moment in which a busy worker sends its next question.
  response.setHeader('connection', 'close');
  void json(request)
    .then((question) => answer(question as KeeperQuestion))
    .catch((error: unknown): KeeperAnswer => ({ error: String(error) }))
    .then((reply) => response.end(JSON.stringify(reply)));
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');
process.stdout.write(`http://127.0.0.1:${(http.address() as AddressInfo).port}\n`);

process.stdin.resume();
await once(process.stdin, 'end');
http.close();
http.closeAllConnections();
await Promise.allSettled([...servers.keys()].map(end));
for (const directory of [home, copies]) {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function answer(question: KeeperQuestion): Promise<KeeperAnswer> {
  switch (question.do) {
    case 'shared':
      return { info: (await findOrStart(`shared-${question.major}`, question.major, shared)).info };
    case 'private': {
      const id = `private-${question.major}-${randomBytes(4).toString('hex')}`;
      return { info: (await findOrStart(id, question.major, question.settings)).info };
    }
    case 'clone':
      return { info: (await clone(question.id)).info };
    case 'copy':
      await copyFiles(join(home, question.id), join(home, question.copy));
      return {};
    case 'recover':
      return { info: (await recover(question)).info };
    case 'end':
      await end(question.id);
      return {};
    case 'start':
    case 'stop':
    case 'kill':
    case 'log': {
      const { server } = await kept(question.id);
      return { log: (await server[question.do]()) ?? '' };
    }
  }
}

function findOrStart(
  id: string,
  major: number,
  settings: Readonly<Record<string, string>>,
): Promise<KeptServer> {
  const starting = servers.get(id) ?? start(id, major, settings);
  servers.set(id, starting);
  return starting;
}

/** pg_basebackup does not come with the binaries: of a server that is stopped, a copy of its files does. */
async function clone(id: string): Promise<KeptServer> {
  const { info } = await kept(id);
  const copy = `${id}-clone-${randomBytes(4).toString('hex')}`;
  // With the owner and the rights of each file.
  await run('cp', ['-a', join(home, id), join(home, copy)]);
  await writeFile(join(home, copy, 'data', 'standby.signal'), '');
  const starting = start(copy, info.major, {}, info.password);
  servers.set(copy, starting);
  return starting;
}

/** Files come and go meanwhile: what matters of that is in the WAL. */
async function copyFiles(from: string, to: string): Promise<void> {
  await run('cp', ['-a', from, to]).catch(() => undefined);
  for (const name of ofTheServer) {
    await rm(join(to, 'data', name), { recursive: true, force: true });
  }
}

/** The server makes and renames files meanwhile: one that is gone by its turn makes the copy begin again. */
async function copyMoving(from: string, to: string, attempts = 20): Promise<void> {
  try {
    await run('cp', ['-a', from, to]);
  } catch (error) {
    if (attempts === 1) throw error;
    await run('rm', ['-rf', to]);
    await copyMoving(from, to, attempts - 1);
  }
}

/** A backup as the manual has it (Making a Base Backup Using the Low Level API), promoted where its WAL ends. */
async function recover({
  id,
  copy,
  label,
  settings,
}: Extract<KeeperQuestion, { readonly do: 'recover' }>): Promise<KeptServer> {
  const { info } = await kept(id);
  const [from, to] = [id, copy].map((name) => join(home, name, 'data'));
  await copyMoving(`${from}/pg_wal`, `${to}/pg_wal`);
  await run('cp', ['-a', `${to}/pg_logical`, `${to}/pg_replslot`]);
  await run('sh', ['-c', `rm -rf '${to}/pg_replslot/'*`]);
  for (const [name, text] of [
    ['backup_label', label],
    ['recovery.signal', ''],
  ] as const) {
    // With the owner of the others.
    await run('cp', ['-a', `${to}/PG_VERSION`, `${to}/${name}`]);
    await writeFile(`${to}/${name}`, text);
  }
  const recovery = { restore_command: 'false', recovery_target_action: 'promote' };
  const starting = start(copy, info.major, { ...recovery, ...settings }, info.password);
  servers.set(copy, starting);
  return starting;
}

async function start(
  id: string,
  major: number,
  settings: Readonly<Record<string, string>>,
  password = randomBytes(12).toString('base64url'),
): Promise<KeptServer> {
  const server = await provider({ major, settings, password, directory: join(home, id), copies });
  return { server, info: { id, major, port: server.port, password } };
}

async function kept(id: string): Promise<KeptServer> {
  const found = servers.get(id);
  if (!found) throw new Error(`There is no server ${id}.`);
  return found;
}

async function end(id: string): Promise<void> {
  const { server } = await kept(id);
  servers.delete(id);
  await server.end();
}
