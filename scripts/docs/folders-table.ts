// The table of folders in ARCHITECTURE.md: what each is for, its files and lines, and what it may import.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { folders } from './folders.ts';

interface Rule {
  readonly name: string;
  readonly comment?: string;
}

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  readonly forbidden: readonly Rule[];
};

const mayImport = (folder: string): string => {
  const rule = forbidden.find(({ name }) => name === `${folder}-imports`);
  return rule?.comment?.match(/may import (.+) of src\.$/)?.[1] ?? '';
};

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(join('src', folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map(({ name }) => readFileSync(join('src', folder, name), 'utf8'));

const foldersOf = (parent: string): readonly string[] =>
  readdirSync(join('src', parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(parent, name))
    .toSorted()
    .flatMap((folder) => [folder, ...foldersOf(folder)])
    // git keeps no empty folder, but a checkout may.
    .filter((folder) => sourcesIn(folder).length > 0);

/** To hundreds: a table that changes with every line would be in every commit. */
const rounded = (lines: number): string =>
  lines < 100 ? '< 100' : String(Math.round(lines / 100) * 100);

const row = (folder: string): string => {
  const purpose = folders[folder];
  if (purpose === undefined) throw new Error(`scripts/docs/folders.ts says nothing of ${folder}`);
  const sources = sourcesIn(folder);
  const lines = sources.reduce((sum, text) => sum + text.split('\n').length - 1, 0);
  const imports = folder.includes('/') ? '' : mayImport(folder);
  return `| ${folder} | ${purpose} | ${sources.length} | ${rounded(lines)} | ${imports} |`;
};

const begin = '<!-- folders: written by npm run docs -->';
const end = '<!-- end of folders -->';

/** ARCHITECTURE.md with the table as the sources are now. @throws Error where a folder is not explained, or explained without being there. */
export const withFolders = (page: string): string => {
  const found = foldersOf('');
  const gone = Object.keys(folders).filter((folder) => !found.includes(folder));
  if (gone.length > 0) throw new Error(`scripts/docs/folders.ts explains ${gone.join(', ')}`);
  const table = [
    begin,
    '',
    '| folder of `src/` | what it is for | files | lines | may import of `src/` |',
    '|---|---|---|---|---|',
    ...found.map(row),
    '',
    end,
  ].join('\n');
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before === -1 || after === -1) throw new Error(`ARCHITECTURE.md has no ${begin}`);
  return page.slice(0, before) + table + page.slice(after + end.length);
};
