// Runs the shell blocks of pipeline files as a build server does: bash that stops at the first failure, and an
// environment of which nothing is inherited. `npm install` puts the steep of this clone where it would go.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export interface Shell {
  /** The working copy of the pipeline. */
  readonly workspace: string;
  /** What lies next to it. */
  path(...names: readonly string[]): string;
  /** Puts a command on the PATH. */
  install(command: string, script: string): Promise<void>;
  run(script: string, env: Readonly<Record<string, string>>): Promise<ShellResult>;
}

export interface ShellResult {
  readonly code: number | null;
  /** stdout and stderr, as the log of a job shows them. */
  readonly log: string;
}

const steep = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

/** Replaces the registry: `npm install --prefix DIR … PACKAGE`. */
const npm = `#!/bin/bash
[ "$1 $2" = 'install --prefix' ] || { echo "npm $*: not expected"; exit 64; }
mkdir -p "$3/node_modules/.bin"
printf '#!/bin/sh\\nexec "${process.execPath}" "${steep}" "$@"\\n' >"$3/node_modules/.bin/steep"
chmod +x "$3/node_modules/.bin/steep"
`;

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((path) => rm(path, { recursive: true, force: true })));
});

/** A new shell, gone after the test file. */
export async function createShell(): Promise<Shell> {
  const root = await mkdtemp(join(tmpdir(), 'steep-pipeline-'));
  folders.push(root);
  const path = (...names: readonly string[]): string => join(root, ...names);
  await Promise.all(['bin', 'workspace', 'home'].map((name) => mkdir(path(name))));
  const install = async (command: string, script: string): Promise<void> => {
    await writeFile(path('bin', command), script);
    await chmod(path('bin', command), 0o755);
  };
  await install('npm', npm);
  const PATH = [path('bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(':');
  return {
    workspace: path('workspace'),
    path,
    install,
    run: async (script, env) => {
      const found = !env.PATH ? PATH : `${env.PATH}:${PATH}`;
      const bash = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
        cwd: path('workspace'),
        env: { HOME: path('home'), CI: 'true', ...env, PATH: found },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const chunks: Buffer[] = [];
      for (const stream of [bash.stdout, bash.stderr]) {
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      }
      const [code] = (await once(bash, 'close')) as [number | null];
      return { code, log: Buffer.concat(chunks).toString() };
    },
  };
}
