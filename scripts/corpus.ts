// Plays every SQL file of a folder through steep: export, compare, copy, snapshot and schema_sync: auto, with every row hashed. Each database is
// carried equally, or refused with a reason before anything is written; anything else is a problem, and the exit code 1.
//
//   npm run build && node scripts/corpus.ts --dir path/to/sql [--from 14] [--to 18] [--only name]
//
// A file is run as one script on an empty database: plain SQL, without the commands of psql.

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sandboxMajors } from '../src/sandbox/binaries.ts';
import { startServer } from '../src/sandbox/server.ts';
import { makeTemporaryHome } from '../src/sandbox/temporary-home.ts';
import { type Outcome, play } from './corpus/play.ts';

const { values: options } = parseArgs({
  options: {
    dir: { type: 'string' },
    from: { type: 'string', default: String(Math.min(...sandboxMajors)) },
    to: { type: 'string', default: String(Math.max(...sandboxMajors)) },
    only: { type: 'string', default: '' },
  },
});
if (options.dir === undefined) throw new Error('--dir names the folder of the SQL files.');
const folder = options.dir;

const files = (await readdir(folder))
  .filter((file) => file.endsWith('.sql') && file.includes(options.only))
  .toSorted();

const home = await makeTemporaryHome('steep-corpus-');
const start = (name: string, major: number) =>
  startServer({
    major,
    directory: join(home, name),
    copies: home,
    password: 'corpus',
    settings: { fsync: 'off', max_worker_processes: '32', max_locks_per_transaction: '1024' },
  });

const print = (file: string, outcomes: readonly Outcome[]): void => {
  console.log(file);
  for (const { what, how, why } of outcomes)
    console.log(`  ${what.padEnd(9)} ${how}${why === '' ? '' : `: ${why}`}`);
};

const source = await start('source', Number(options.from));
const target = await start('target', Number(options.to));
try {
  for (const [index, file] of files.entries()) {
    const text = await readFile(join(folder, file), 'utf8');
    const outcomes = await play({ source, target, home, name: `c${index}`, text });
    print(file, outcomes);
    if (outcomes.some(({ how }) => how === 'PROBLEM')) process.exitCode = 1;
  }
} finally {
  await Promise.all([source.stop('immediate'), target.stop('immediate')]);
  await rm(home, { recursive: true, force: true });
}
