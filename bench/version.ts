// How long `steep --version` takes as a whole process, beside Node doing nothing. Build first.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expectBelow, median, milliseconds, printMachine, printTable, ratio } from './machine.ts';

const runs = 15;
const steep = fileURLToPath(new URL('../bin/run.js', import.meta.url));

function timeOf(args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

/** Taken in turn, so that whatever else the machine does hits both; the first of each warms the caches. */
const pairs = Array.from({ length: runs + 1 }, () => ({
  steep: timeOf([steep, '--version']),
  node: timeOf(['-e', '0']),
})).slice(1);
const ours = median(pairs.map((pair) => pair.steep));
const peer = median(pairs.map((pair) => pair.node));

printTable(
  ['', `median of ${runs}`],
  [
    ['steep --version', milliseconds(ours)],
    ['node -e 0', milliseconds(peer)],
    ['ratio', ratio(ours, peer)],
  ],
);
printMachine();
expectBelow('steep --version', ours, 150, 'ms');
