// Runs the built command line as users do: another process, its own environment. Build first. By day most commands that a
// test waits for are run by a process that stays: hosted-cli.ts.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { areHosted, askHost } from './hosted-cli.ts';

const entry = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliOptions {
  /** In addition to PATH and HOME, nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What stdin holds; it is closed at once otherwise. */
  readonly input?: string;
}

export interface CliResult {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, or until it is killed (SIGKILL) after so many milliseconds. */
export async function runCli(
  args: readonly string[],
  options: CliOptions & { readonly killAfter?: number } = {},
): Promise<CliResult> {
  if (options.killAfter === undefined && areHosted()) return runHosted(args, options);
  const child = start(args, options);
  const timer = options.killAfter && setTimeout(() => child.kill('SIGKILL'), options.killAfter);
  const result = await resultOf(child);
  if (timer) clearTimeout(timer);
  return result;
}

async function runHosted(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const { cwd = process.cwd(), input = '' } = options;
  const answer = await askHost({ args, cwd, input, env: environmentOf(options) });
  if (answer === null) throw new Error(`The process of steep ${args.join(' ')} was killed.`);
  return { ...answer, signal: null };
}

/** One line of NDJSON on stdout. */
export type CliEvent = Readonly<Record<string, unknown>>;

export interface RunningCli {
  readonly pid: number;
  readonly result: Promise<CliResult>;
  /** The first event, past or to come, that matches; rejects when the command ends before. */
  until(matches: (event: CliEvent) => boolean): Promise<CliEvent>;
  /** Resolves when stderr holds this text; rejects when the command ends before. */
  said(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a command, to act upon what it says while it runs: events with `--json`, or stderr. */
export function spawnCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = start(args, options);
  const events: CliEvent[] = [];
  const waiting = new Set<() => void>();
  const lookAgain = (): void => {
    for (const look of waiting) look();
  };
  createInterface(child.stdout).on('line', (line) => {
    if (!args.includes('--json')) return;
    events.push(JSON.parse(line) as CliEvent);
    lookAgain();
  });
  const stderr = collect(child.stderr);
  child.stderr.on('data', lookAgain);
  const result = resultOf(child);
  const awaited = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      void result.then((ended) => reject(new Error(`ended with ${ended.code}: ${ended.stderr}`)));
    });
  return {
    pid: child.pid ?? 0,
    result,
    kill: (signal) => void child.kill(signal),
    until: (matches) => awaited(() => events.find(matches)),
    said: async (text) => {
      await awaited(() => stderr().includes(text) || undefined);
    },
  };
}

function start(args: readonly string[], options: CliOptions): ChildProcessWithoutNullStreams {
  const { cwd, input = '' } = options;
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: environmentOf(options),
  });
  // A command that ends without reading its input is none of the test's business.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return child;
}

const environmentOf = ({ env }: CliOptions): Readonly<Record<string, string>> => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, NO_COLOR: '1', ...env };
};

async function resultOf(child: ChildProcessWithoutNullStreams): Promise<CliResult> {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout: stdout(), stderr: stderr() };
}

/** By `data` events, so that others may listen too. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** What a command says on stderr, but for the warning that the test gave it a URL with a password. */
export const besidesPasswordWarning = (stderr: string): string =>
  stderr.replace(/^warning: The command line contains a password\..*\n/m, '');
