// How long steep takes to start, as a whole process, beside Node doing nothing: `steep --version`, and a command that reads a
// file and asks no server. Build first.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expectBelow, median, milliseconds, printMachine, printTable, ratio } from './machine.ts';

const runs = 15;
const steep = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const file = fileURLToPath(new URL('../examples/01-two-nodes/steep.yaml', import.meta.url));

function timeOf(args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

/** Taken in turn, so that whatever else the machine does hits all; the first of each warms the caches. */
const taken = Array.from({ length: runs + 1 }, () => ({
  version: timeOf([steep, '--version']),
  validate: timeOf([steep, 'validate', '--config', file]),
  node: timeOf(['-e', '0']),
})).slice(1);
const middle = (of: 'version' | 'validate' | 'node'): number =>
  median(taken.map((times) => times[of]));

const rowOf = (name: string, ours: number): readonly string[] => [
  name,
  milliseconds(ours),
  milliseconds(middle('node')),
  ratio(ours, middle('node')),
];

printTable(
  ['command', `median of ${runs}`, 'node -e 0', 'ratio'],
  [rowOf('steep --version', middle('version')), rowOf('steep validate', middle('validate'))],
);
printMachine();
expectBelow('steep --version', middle('version'), 120, 'ms');
