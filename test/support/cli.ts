// Runs the built command line as users do: another process, its own environment. Build first.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliOptions {
  /** Besides PATH and HOME, nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What stdin holds; it is closed at once otherwise. */
  readonly input?: string;
}

export interface CliResult {
  /** Null: a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, or until it is killed (SIGKILL) after so many milliseconds. */
export async function runCli(
  args: readonly string[],
  options: CliOptions & { readonly killAfter?: number } = {},
): Promise<CliResult> {
  const child = start(args, options);
  const timer = options.killAfter && setTimeout(() => child.kill('SIGKILL'), options.killAfter);
  const result = await resultOf(child);
  if (timer) clearTimeout(timer);
  return result;
}

/** One line of NDJSON on stdout. */
export type CliEvent = Readonly<Record<string, unknown>>;

export interface RunningCli {
  readonly result: Promise<CliResult>;
  /** The first event, past or to come, that matches; rejects when the command ends before. */
  until(matches: (event: CliEvent) => boolean): Promise<CliEvent>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a command with `--json` output, to act upon what it says while it runs. */
export function spawnCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = start(args, options);
  const events: CliEvent[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    events.push(JSON.parse(line) as CliEvent);
    for (const look of waiting) look();
  });
  const result = resultOf(child);
  return {
    result,
    kill: (signal) => void child.kill(signal),
    until: (matches) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = events.find(matches);
          if (found) resolve(found);
        };
        waiting.add(look);
        look();
        void result.then(({ code, stderr }) => reject(new Error(`ended with ${code}: ${stderr}`)));
      }),
  };
}

function start(
  args: readonly string[],
  { env, cwd, input = '' }: CliOptions,
): ChildProcessWithoutNullStreams {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { PATH, HOME, NO_COLOR: '1', ...env },
  });
  // A command that ends without reading its input is none of the test's business.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return child;
}

async function resultOf(child: ChildProcessWithoutNullStreams): Promise<CliResult> {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

/** By `data` events, so that others may listen too. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
