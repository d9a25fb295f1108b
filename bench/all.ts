// All benchmarks, one after the other, with the peers that are on PATH. Writes what they print into docs/performance.md.
// --small: few rows and wide margins, in about five minutes; writes nothing, and fails where a ratio is beyond its margin.
// Build first.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { dumpMajorOnPath } from './init-methods.ts';
import { beyond, type Margin, ratiosIn } from './margins.ts';

interface Part {
  readonly title: string;
  /** A script of this folder, and its options. */
  readonly run: readonly string[];
  /** Of a small run. */
  readonly margins?: readonly Margin[];
}

const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const [begin, end] = ['<!-- bench:all: begin -->', '<!-- bench:all: end -->'];

/** A pg_dump that is older than the servers refuses them. */
const dump = await dumpMajorOnPath();
const withDump = sandboxMajors.some((major) => major === dump) ? ['--major', String(dump)] : [];
const snapshots = withDump.length === 0 ? [] : ['snapshot'];

const whole: readonly Part[] = [
  { title: 'Starting', run: ['version'] },
  { title: 'Planning', run: ['plan'] },
  { title: 'Reading one node', run: ['introspect'] },
  { title: 'Fingerprints', run: ['fingerprint'] },
  { title: 'Initial copies', run: ['init', ...withDump, '--runs', '3'] },
  { title: 'Initial copies over TLS', run: ['init', ...withDump, '--scale', '0.5', '--tls'] },
  {
    title: 'Initial copies, 20 ms from the source and back',
    run: ['init', ...withDump, '--scale', '0.25', '--latency', '20'],
  },
  ...snapshots.map((script) => ({
    title: 'Snapshots',
    run: [script, ...withDump, '--runs', '3'],
  })),
  { title: 'Joined copies', run: ['join'] },
  { title: 'Re-initialization', run: ['reinit'] },
  { title: 'Comparing', run: ['compare'] },
  { title: 'Merging', run: ['merge'] },
  { title: 'The live screen', run: ['watch'] },
];

/** Ten times what was measured without load, or so: another machine, and one that is busy, stay below. */
const copies: readonly Margin[] = [
  { peer: 'native copy_data', most: 3 },
  { peer: 'pg_dump -Fd, pg_restore', most: 5 },
  { peer: 'pgcopydb clone', most: 5 },
];

const few = ['--scale', '0.02', '--only', 'table', ...withDump];

const small: readonly Part[] = [
  { title: 'Starting', run: ['version'], margins: [{ peer: 'node -e 0', most: 15 }] },
  { title: 'Planning', run: ['plan', '--small'], margins: [{ peer: 'bare pg', most: 5 }] },
  { title: 'Initial copies', run: ['init', ...few], margins: copies },
  { title: 'Initial copies over TLS', run: ['init', ...few, '--tls'], margins: copies },
  {
    title: 'Initial copies, 20 ms from the source and back',
    run: ['init', ...few, '--latency', '20'],
    margins: copies,
  },
  ...snapshots.map((script) => ({
    title: 'Snapshots',
    run: [script, ...few],
    margins: [
      { peer: 'pg_dump -Fd', most: 10 },
      { peer: 'pg_restore', most: 5 },
    ],
  })),
];

/** What it has printed; it goes to this terminal too. */
const printed = async ({ run: [script, ...options] }: Part) => {
  const path = fileURLToPath(new URL(`${script}.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<number | null>((resolve) => void child.once('close', resolve));
  let text = '';
  for await (const data of child.stdout.setEncoding('utf8')) {
    text += data;
    process.stdout.write(data);
  }
  return { text, failed: (await closed) !== 0 };
};

const versionOf = (program: string): string => {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n')[0] ?? '') : `no ${program}`;
};

const commandOf = ({ run: [script, ...options] }: Part): string =>
  ['node', `bench/${script}.ts`, ...options].join(' ');

const write = (parts: readonly string[]): void => {
  const facts = `${new Date().toISOString().slice(0, 10)}, load average ${load} before; ${['pg_dump', 'pgcopydb'].map(versionOf).join('; ')}.`;
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(begin);
  const after = rest.split(end)[1] ?? '';
  const body = [facts, ...parts].join('\n\n');
  writeFileSync(page, `${before}${begin}\n${body}\n${end}${after}`);
};

const load = (loadavg()[0] ?? 0).toFixed(1);
const isSmall = process.argv.includes('--small');
const sections: string[] = [];
for (const part of isSmall ? small : whole) {
  console.log(`\n## ${part.title}: ${commandOf(part)}\n`);
  const { text, failed } = await printed(part);
  sections.push(`### ${part.title}\n\n\`${commandOf(part)}\`\n\n${text.trim()}`);
  // Targets are those of whole runs: of a small one, margins count, and whether it came to its table.
  const misses = [
    ...beyond(text, part.margins ?? []),
    ...((isSmall ? ratiosIn(text).length === 0 : failed) ? ['It has failed: see above.'] : []),
  ];
  for (const miss of misses) console.error(`${part.title}: ${miss}`);
  if (misses.length > 0) process.exitCode = 1;
}
if (!isSmall) write(sections);
