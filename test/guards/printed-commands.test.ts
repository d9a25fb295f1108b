// Commands that steep prints are copied into a shell: each is made by steepCommand(), which makes one word of each name.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { steepCommand } from '../../src/model/steep-command.ts';

const namesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((path) =>
    path.split('/').map((name) => name.replace(/\.ts$/, '')),
  );

/** Of the command line, with the short forms of its topics. */
const words = [...new Set([...namesIn('src/commands'), 'pub', 'sub'])].join('|');

/** The words of a command, and then a value. */
const command = `steep (?:${words})(?:[ =](?:${words}|--[a-z-]+|[A-Z_]+))*[ =]?\\$\\{`;

/** A flag that takes a name, where the rest of the command is put together elsewhere. */
const flag =
  /--(?:tables|subscription|publication|target|allow-hazard|input|drop-slot)[ =]\$\{(?!shellWord\()/;

/** Names of applications, and comments of scripts: nobody runs them. */
const notCommands: readonly RegExp[] = [
  /`steep snapshot \$\{nameAt\(at\)\}`/,
  /`steep worker \$\{host/,
  /-- steep (?:plan|repair) \$\{printable/,
];

const rawCommands = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !notCommands.some((it) => it.test(line)))
    .filter(
      (line) =>
        new RegExp(`(?<!steepCommand\`)\\b${command}`).test(line) ||
        (flag.test(line) && !line.includes('steepCommand`')),
    );

test('each printed command with a value is made by steepCommand', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const found = files.flatMap((path) =>
    rawCommands(readFileSync(join('src', path), 'utf8')).map((line) => `${path}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test('what the guard takes for a raw command', () => {
  const value = '$' + '{name}';
  expect(rawCommands(`\`Drop it: steep replication slot drop ${value}\``)).toHaveLength(1);
  expect(rawCommands(`\`steep plan --target=${value}\``)).toHaveLength(1);
  expect(rawCommands(`\`steep apply${value}\``)).toHaveLength(1);
  expect(rawCommands(`\`${value} --tables ${value}\``)).toHaveLength(1);
  expect(rawCommands(`steepCommand\`steep repair ${value}\``)).toEqual([]);
  expect(rawCommands(`\`steep verify found rows of ${value}\``)).toEqual([]);
});

/** A constant fits a function of others with a parameter of type text better than that of PostgreSQL with one of type name. */
test('functions in printed SQL are named with their schema', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const raw = /SELECT (?:pg_\w+|setval)\(|[^.\w](?:pg_\w+|setval|set_config)\('/;
  const found = files.flatMap((path) =>
    readFileSync(join('src', path), 'utf8')
      .split('\n')
      .filter((line) => raw.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

test('a shell reads each value as one word', () => {
  const odd = `a b$(echo ran)\`echo ran\`'"; echo ran\n\u202e`;
  const line = steepCommand`steep repair ${odd} --jobs ${4} ${['--tables', odd, 'public.t']}`;
  const script = `steep() { printf '%s\\0' "$@"; }\n${line}`;
  const read = execFileSync('bash', ['-c', script], { env: { LC_ALL: 'C.UTF-8' } }).toString();
  expect(read.split('\0').slice(0, -1)).toEqual([
    'repair',
    odd,
    '--jobs',
    '4',
    '--tables',
    odd,
    'public.t',
  ]);
  expect(line).not.toMatch(/[\n\u202e]/);
});
