// Sandboxes: a directory with a few servers in it. Up, down and status can be repeated at any time.

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath, rm, rmdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SteepError } from '../model/errors.ts';
import { sandboxMajors } from './binaries.ts';
import {
  envFileOf,
  notOurs,
  readSandboxFile,
  type SandboxFile,
  sandboxFiles,
  writeSandboxFiles,
} from './sandbox-file.ts';
import { findHome, removeFromHome } from './sandbox-home.ts';
import { readNode, type SandboxNode, startNode, stopNode } from './sandbox-node.ts';

export interface Sandbox {
  readonly directory: string;
  /** RFC 3339 UTC. */
  readonly created: string;
  /** stale: it should run but no server does, as after a reboot. */
  readonly state: 'up' | 'partly' | 'stale';
  /** A file for the shell's `source`, mode 0600. */
  readonly envFile: string;
  readonly nodes: readonly SandboxNode[];
}

export interface SandboxRequest {
  readonly directory: string;
  /** The major of each node; null: as the sandbox is, or two nodes of the newest major. */
  readonly majors: readonly number[] | null;
  readonly now: Date;
}

/** Where the sandbox is unless told. */
export const defaultSandboxDirectory = (): string => join(homedir(), '.steep', 'sandbox');

/**
 * Starts every server that does not run, making the sandbox first if there is none. A new one that does
 * not start leaves nothing behind.
 * @throws SteepError SANDBOX_NOT_OURS, SANDBOX_DIFFERS when it has other nodes, and all that servers throw.
 */
export async function sandboxUp(request: SandboxRequest): Promise<Sandbox> {
  await mkdir(resolve(request.directory), { recursive: true });
  const directory = await realpath(request.directory);
  const before = await readSandboxFile(directory);
  const found = before ?? (await newSandbox(directory, request));
  assertSameNodes(directory, found, request.majors);
  const file = { ...found, home: await findHome(directory, found.home) };
  // Before the first server, so that whatever happens to this process, down finds them all.
  await writeSandboxFiles(directory, file);
  const results = await Promise.allSettled(file.nodes.map((node) => startNode(file, node)));
  const nodes = file.nodes.map((node, index) => {
    const result = results[index];
    return result?.status === 'fulfilled' ? result.value : node;
  });
  await writeSandboxFiles(directory, { ...file, nodes });
  const failed = results.find((result) => result.status === 'rejected');
  if (failed && before === null) await sandboxDown(directory);
  if (failed) throw failed.reason;
  return describe(directory, { ...file, nodes });
}

/** What there is and whether it runs; null: no sandbox. Changes nothing. */
export async function sandboxStatus(where: string): Promise<Sandbox | null> {
  const directory = await realpath(where).catch(() => resolve(where));
  const file = await readSandboxFile(directory);
  return file && (await describe(directory, file));
}

/**
 * Stops the servers and removes the sandbox with their data. What else is in the directory stays.
 * @returns what was there; null: no sandbox.
 * @throws SteepError SANDBOX_NOT_OURS when the directory is something else.
 */
export async function sandboxDown(where: string): Promise<Sandbox | null> {
  const directory = await realpath(where).catch(() => resolve(where));
  const file = await readSandboxFile(directory);
  if (file === null) {
    await assertEmpty(directory);
    return null;
  }
  const before = await describe(directory, file);
  await Promise.all(file.nodes.map((node) => stopNode(file, node)));
  await removeFromHome(directory, file);
  // sandbox.json last: until then, down can be repeated.
  for (const name of sandboxFiles.toReversed()) await rm(join(directory, name), { force: true });
  await rmdir(directory).catch(() => undefined);
  return before;
}

async function newSandbox(directory: string, request: SandboxRequest): Promise<SandboxFile> {
  await assertEmpty(directory);
  const newest = Math.max(...sandboxMajors);
  return {
    format: 'steep-sandbox-1',
    created: request.now.toISOString(),
    home: directory,
    // Of characters that need no escaping, neither in a URI nor in a shell.
    password: randomBytes(18).toString('base64url'),
    nodes: (request.majors ?? [newest, newest]).map((major, index) => ({
      name: `node${index + 1}`,
      major,
      port: null,
      pid: null,
    })),
  };
}

async function describe(directory: string, file: SandboxFile): Promise<Sandbox> {
  const nodes = await Promise.all(file.nodes.map((node) => readNode(file, node)));
  const running = nodes.filter((node) => node.running).length;
  const state = running === nodes.length ? 'up' : running > 0 ? 'partly' : 'stale';
  return { directory, created: file.created, state, envFile: envFileOf(directory), nodes };
}

async function assertEmpty(directory: string): Promise<void> {
  const entries = await readdir(directory).catch(() => []);
  if (entries.length > 0) throw notOurs(directory, 'it contains files, but no sandbox.json');
}

function assertSameNodes(
  directory: string,
  { nodes }: SandboxFile,
  majors: readonly number[] | null,
): void {
  const there = nodes.map(({ major }) => major).join(',');
  if (majors === null || majors.join(',') === there) return;
  throw new SteepError(
    'SANDBOX_DIFFERS',
    `The sandbox in ${directory} has nodes of PostgreSQL ${there}, not ${majors.join(',')}.`,
    { suggestions: ['steep sandbox down', 'Choose another directory with --dir.'] },
  );
}
