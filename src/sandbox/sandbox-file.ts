// sandbox.json: what makes a directory a sandbox, and what steep remembers of it. Holds the password.
// Whether servers run is asked of the servers; process ids here are for people.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';

export interface NodeEntry {
  readonly name: string;
  readonly major: number;
  /** Null until it was first started. */
  readonly port: number | null;
  readonly pid: number | null;
}

export interface SandboxFile {
  readonly format: 'steep-sandbox-1';
  /** RFC 3339 UTC. */
  readonly created: string;
  /** Where the servers' directories are: the sandbox itself, or a place that their user may enter. */
  readonly home: string;
  readonly password: string;
  readonly nodes: readonly NodeEntry[];
}

/** The database that each node of a sandbox has. */
export const sandboxDatabase = 'app';

const nameOfFile = 'sandbox.json';
const nameOfEnvFile = 'sandbox.env';

/** What steep puts into a sandbox in addition to the directories of the servers. */
export const sandboxFiles: readonly string[] = [nameOfFile, nameOfEnvFile];

/**
 * Null: there is none, or no such directory.
 * @throws SteepError SANDBOX_NOT_OURS when a file of that name is something else.
 */
export async function readSandboxFile(directory: string): Promise<SandboxFile | null> {
  try {
    const file = JSON.parse(await readFile(join(directory, nameOfFile), 'utf8')) as SandboxFile;
    // Their names become paths that are removed.
    const named = file.nodes.every(({ name }) => /^node\d+$/.test(name));
    if (file.format === 'steep-sandbox-1' && named) return file;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw notOurs(directory, `its ${nameOfFile} was not written by this version of steep`);
}

/** Writes sandbox.json, and sandbox.env for shells, for the owner's eyes only. */
export async function writeSandboxFiles(directory: string, file: SandboxFile): Promise<void> {
  const json = `${JSON.stringify(file, null, 2)}\n`;
  await writeFileAtomic(join(directory, nameOfFile), json, { mode: 0o600 });
  await writeFileAtomic(envFileOf(directory), renderEnv(file), { mode: 0o600 });
}

export const envFileOf = (directory: string): string => join(directory, nameOfEnvFile);

/** `NODE1_URL`: the variable that sandbox.env sets for a node. */
export const variableOf = (node: string): string => `${node.toUpperCase()}_URL`;

/** @returns the error for a directory that steep must leave alone. */
export const notOurs = (directory: string, why: string): SteepError =>
  new SteepError(
    'SANDBOX_NOT_OURS',
    `${directory} is not a sandbox that steep may touch: ${why}.`,
    {
      suggestions: ['Choose another directory with --dir.'],
      exit: ExitCode.refused,
    },
  );

function renderEnv(file: SandboxFile): string {
  const exports = file.nodes
    .filter(({ port }) => port !== null)
    .map(({ name, port }) => {
      const url = `postgresql://postgres:${file.password}@127.0.0.1:${port}/${sandboxDatabase}`;
      return `export ${variableOf(name)}='${url}'\n`;
    });
  return `# Written by steep sandbox up. Holds a password.\n${exports.join('')}`;
}
