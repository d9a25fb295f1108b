// Runs commands of steep one after the other in one process, for tests that ask for what a command says and does: to load
// the program again takes more processor time than most commands do. Started by hosted-cli.ts, with the environment of the
// first command.

import { writeFileSync, writeSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { HostedAnswer, HostedCommand } from './hosted-cli.ts';

type Main = (argv: string[], options: { readonly root: string }) => Promise<void>;
type Write = typeof process.stdout.write;

const bin = new URL('../../bin/', import.meta.url);
const load = async <T>(path: string): Promise<T> => (await import(new URL(path, bin).href)) as T;

const { compileCache } = await load<{ compileCache: (env: NodeJS.ProcessEnv) => string | null }>(
  'compile-cache.js',
);
const folder = compileCache(process.env);
if (folder !== null) enableCompileCache(folder);
const { main } = await load<{ main: Main }>('../dist/cli/main.js');

const exit = process.exit.bind(process);
// Each command listens to it once.
process.stdout.setMaxListeners(0);
process.on('disconnect', () => exit(0));
process.on('message', (command) => void serve(command as HostedCommand));

async function serve(command: HostedCommand): Promise<void> {
  const said = { stdout: '', stderr: '' };
  process.stdout.write = collecting((text) => (said.stdout += text));
  process.stderr.write = collecting((text) => (said.stderr += text));
  // What ends the process ends this one: its answer waits in a file.
  process.exit = (code) => {
    const answer: HostedAnswer = { code: Number(code ?? process.exitCode ?? 0), ...said };
    writeFileSync(command.answerFile, JSON.stringify(answer));
    return exit(0);
  };
  takeOn(command);
  const before = await held();
  const signals = ['SIGINT', 'SIGTERM', 'uncaughtException'] as const;
  await main([...command.args], { root: fileURLToPath(bin) });
  await untilNothingMore(before, command.args);
  for (const signal of signals) process.removeAllListeners(signal);
  process.send?.({ code: Number(process.exitCode ?? 0), ...said } satisfies HostedAnswer);
}

/** As if this process had been started with the command. */
function takeOn({ args, cwd, env, input }: HostedCommand): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.argv = [process.execPath, fileURLToPath(new URL('run.js', bin)), ...args];
  process.exitCode = undefined;
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
  Object.defineProperty(process, 'stdin', { configurable: true, value: stdin });
}

function collecting(collect: (text: string) => void): Write {
  const write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error) => void),
    done = typeof encoding === 'function' ? encoding : undefined,
  ): boolean => {
    collect(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    if (done) process.nextTick(done);
    return true;
  };
  return write as Write;
}

/** What keeps the process running, seen from a timer. */
function held(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(process.getActiveResourcesInfo()), 1);
  });
}

const saidAfter = 30_000;

/** As a process of its own, it would end when nothing is open any more. What stays open is said. */
async function untilNothingMore(before: readonly string[], args: readonly string[]): Promise<void> {
  const started = performance.now();
  let isSaid = false;
  for (;;) {
    const now = await held();
    if (now.every(isOf(before))) return;
    if (!isSaid && performance.now() - started > saidAfter) {
      isSaid = true;
      writeSync(2, `steep ${args.join(' ')} has ended, and holds ${now.join(', ')}\n`);
    }
  }
}

/** Takes each of them at most as often as it was there. */
function isOf(before: readonly string[]): (resource: string) => boolean {
  const left = [...before];
  return (resource) => {
    const index = left.indexOf(resource);
    if (index !== -1) left.splice(index, 1);
    return index !== -1;
  };
}
