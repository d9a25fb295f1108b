// Writes the reference pages and the pictures in docs/ from the code that they describe. With --check it writes nothing,
// and fails if a page is not what the code says. Needs oclif.manifest.json: build first.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { errorsPage, hazardsPage } from './docs/catalogue-pages.ts';
import { commandsPage } from './docs/commands-page.ts';
import { foldersPage } from './docs/folders-table.ts';
import { sqlPage } from './docs/sql-page.ts';
import { stepsPage } from './docs/steps-page.ts';
import { watchPictures } from './docs/watch-pictures.ts';

/** Page → its text. */
const pages: Readonly<Record<string, () => string>> = {
  'docs/hazards.md': hazardsPage,
  'docs/errors.md': errorsPage,
  'docs/steps.md': stepsPage,
  'docs/sql-api.md': sqlPage,
  'docs/folders.md': foldersPage,
  'docs/commands.md': () => commandsPage(readFileSync('oclif.manifest.json', 'utf8')),
  ...watchPictures,
};

const check = process.argv.includes('--check');

for (const [path, write] of Object.entries(pages)) {
  const expected = write();
  if (existsSync(path) && readFileSync(path, 'utf8') === expected) continue;
  if (check) {
    console.error(`${path} does not match the code. Run: npm run build && npm run docs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, expected);
    console.log(`wrote ${path}`);
  }
}
