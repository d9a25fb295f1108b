// Commands in a process that stays, for the next command of the same test file: see command-host.ts. At night each command
// is a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isByDay } from './servers/majors.ts';

/** What the host is asked for. */
export interface HostedCommand {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  /** Where the answer is of a command that ends its process. */
  readonly answerFile: string;
}

export interface HostedAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Host {
  readonly child: ChildProcess;
  readonly settings: string;
  readonly ended: Promise<null>;
}

/** Those that do nothing at the moment. Each has some 100 MB: one that was not used for long ends. */
const idle: Host[] = [];
const mostIdle = 3;

let count = 0;

let alone = !isByDay;

/** For a file of tests that asks for what a process keeps: each command is one of its own, by day too. */
export const runCommandsAlone = (): void => {
  alone = true;
};

export const areHosted = (): boolean => !alone;

/** Runs a command to its end. Null: its process was killed. */
export const askHost = async (
  command: Omit<HostedCommand, 'answerFile'>,
): Promise<HostedAnswer | null> => {
  const host = takeHost(command.env);
  const answerFile = join(tmpdir(), `steep-answer-${process.pid}-${++count}.json`);
  const answered = once(host.child, 'message').then(([answer]) => answer as HostedAnswer);
  host.child.send({ ...command, cwd: resolve(command.cwd), answerFile } satisfies HostedCommand);
  const answer = await Promise.race([answered, host.ended]);
  if (answer === null) return readAnswer(answerFile);
  idle.push(host);
  if (idle.length > mostIdle) idle.shift()?.child.kill();
  return answer;
};

const readAnswer = (path: string): HostedAnswer | null => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as HostedAnswer;
  } catch {
    return null;
  } finally {
    rmSync(path, { force: true });
  }
};

const takeHost = (env: Readonly<Record<string, string>>): Host => {
  const settings = settingsOf(env);
  const found = idle.findLastIndex((host) => host.settings === settings && host.child.connected);
  if (found !== -1) return idle.splice(found, 1)[0] as Host;
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('command-host.ts', import.meta.url))],
    { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  // It ends with the process that started it, which does not wait for it.
  child.unref();
  child.channel?.unref();
  (child.stdout as unknown as Socket).unref();
  return { child, settings, ended: once(child, 'exit').then(() => null) };
};

/** What packages may have read of the environment when they were loaded: all but connections. */
const settingsOf = (env: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(env).filter(([name]) => !name.endsWith('_URL')));
