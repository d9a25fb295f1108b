// Writes the reference pages in docs/ from the code that they describe. With --check it writes nothing,
// and fails if a page is not what the code says. Needs oclif.manifest.json: build first.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { errorsPage, hazardsPage } from './docs/catalogue-pages.ts';
import { commandsPage } from './docs/commands-page.ts';
import { withFolders } from './docs/folders-table.ts';
import { stepsPage } from './docs/steps-page.ts';

/** Page → its text. */
const pages: Readonly<Record<string, () => string>> = {
  'docs/hazards.md': hazardsPage,
  'docs/errors.md': errorsPage,
  'docs/steps.md': stepsPage,
  'ARCHITECTURE.md': () => withFolders(readFileSync('ARCHITECTURE.md', 'utf8')),
  'docs/commands.md': () => commandsPage(readFileSync('oclif.manifest.json', 'utf8')),
};

const check = process.argv.includes('--check');

for (const [path, write] of Object.entries(pages)) {
  const expected = write();
  if (existsSync(path) && readFileSync(path, 'utf8') === expected) continue;
  if (check) {
    console.error(`${path} does not match the code. Run: node scripts/generate-docs.ts`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, expected);
    console.log(`wrote ${path}`);
  }
}
