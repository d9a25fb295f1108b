// What goes into the package beside the program: npm-shrinkwrap.json, so that everyone who installs steep gets exactly
// the packages that its tests ran with, and sbom.cdx.json, which lists them for scanners. `--remove` takes both away
// again: in a working copy, a shrinkwrap file would hide package-lock.json from npm.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

const { values } = parseArgs({
  options: { remove: { type: 'boolean' }, into: { type: 'string', default: '.' } },
});
const shrinkwrap = join(values.into, 'npm-shrinkwrap.json');
const bill = join(values.into, 'sbom.cdx.json');

const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const textOf = (json: object): string => `${JSON.stringify(json, null, 2)}\n`;

const withoutDevelopment = (root: object): object => ({ ...root, devDependencies: undefined });

/** package-lock.json without what is for development only. */
const production = (lock: Lock): Lock => ({
  ...lock,
  packages: Object.fromEntries(
    Object.entries(lock.packages)
      .filter(([, { dev }]) => dev !== true)
      .map(([path, entry]) => [path, path === '' ? withoutDevelopment(entry) : entry]),
  ),
});

/** In a folder where nothing else is known: with --omit=dev, npm leaves out what both kinds need. */
const billOf = (lock: Lock): string => {
  const folder = mkdtempSync(join(tmpdir(), 'steep-sbom-'));
  try {
    const described = withoutDevelopment(read<object>('package.json'));
    writeFileSync(join(folder, 'package.json'), textOf(described));
    writeFileSync(join(folder, 'package-lock.json'), textOf(lock));
    const asked = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
    return execFileSync('npm', asked, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

if (values.remove === true) {
  for (const file of [shrinkwrap, bill]) rmSync(file, { force: true });
} else {
  const lock = production(read<Lock>('package-lock.json'));
  writeFileSync(bill, billOf(lock));
  writeFileSync(shrinkwrap, textOf(lock));
}
