// A program in a pseudo terminal of its own, by script(1), and what this shows.

import { execFileSync, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from '../servers/clean-up.ts';
import { waitFor } from '../servers/wait.ts';
import { terminalScreen } from '../terminal-screen.ts';
import type { Project } from './project.ts';

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));
const columns = 110;
const rows = 34;

/** Runs steep with these arguments, words of a shell; how the terminal is set is said at the end. */
export const inTerminal = (
  project: Project,
  args: string,
  environment: Readonly<Record<string, string>> = {},
) => {
  const steep = `sh -c 'echo pid=$$; exec "${process.execPath}" "${program}" ${args}'`;
  const script = `stty cols ${columns} rows ${rows}; ${steep}; echo "code=$?"; stty -a`;
  const child = spawn('script', ['-qefc', script, '/dev/null'], {
    cwd: project.path('.'),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      ...project.environment,
      ...environment,
    },
  });
  const screen = terminalScreen(columns, rows);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (data) => {
    output += String(data);
    screen.write(String(data));
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const pid = (): number => Number(/pid=(\d+)/.exec(output)?.[1]);
  const kill = (signal: NodeJS.Signals): void => {
    process.kill(pid(), signal);
  };
  onTestFinished(async () => {
    if (child.exitCode === null) kill('SIGKILL');
    await ended;
  });
  const text = (): string => screen.lines().join('\n');
  const shows = async (wanted: string | RegExp): Promise<string> => {
    const isShown = (): boolean =>
      typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text());
    const isOver = (): boolean => child.exitCode !== null;
    await waitFor(String(wanted), async () => isShown() || isOver()).catch(() => undefined);
    if (!isShown()) throw new Error(`The terminal does not show ${String(wanted)}:\n${text()}`);
    return text();
  };
  return {
    shows,
    type: (keys: string): void => void child.stdin.write(keys),
    kill,
    resize: (wide: number, high: number): void => {
      const device = readlinkSync(`/proc/${pid()}/fd/0`);
      screen.resize(wide, high);
      execFileSync('stty', ['-F', device, 'cols', String(wide), 'rows', String(high)]);
    },
    /** All that was written, once the program has ended. */
    end: async (): Promise<string> => {
      await ended;
      return output;
    },
  };
};
