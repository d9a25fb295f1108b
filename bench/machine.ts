// What every benchmark prints: its table, and the machine that the figures belong to.

import { cpus, totalmem } from 'node:os';

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const milliseconds = (value: number): string => `${Math.round(value)} ms`;

export const ratio = (value: number, peer: number): string => (value / peer).toFixed(1);

/** Milliseconds. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

/** A Markdown table, so that docs/performance.md can hold what was printed. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  console.log([line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n'));
}

/** `postgres`: versions as the servers say them. */
export function printMachine(postgres: readonly string[] = []): void {
  const processors = cpus();
  const facts = [
    `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores`,
    `${Math.round(totalmem() / 1024 ** 3)} GB`,
    `Node ${process.versions.node}`,
    ...postgres.map((version) => `PostgreSQL ${version}`),
  ];
  console.log(`\n${facts.join('; ')}`);
}

/** Fails the run, after everything was printed, where a figure misses its target. */
export function expectBelow(what: string, value: number, target: number, unit: string): void {
  if (value < target) return;
  console.error(`${what}: ${Math.round(value)} ${unit}, and the target is ${target} ${unit}.`);
  process.exitCode = 1;
}
