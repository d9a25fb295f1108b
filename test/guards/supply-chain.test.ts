// What a package pins and lists is what its program needs, and nothing that is for development only.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

interface Described {
  readonly dependencies: Readonly<Record<string, string>>;
}

test('the package brings its exact production tree, and a CycloneDX list of it', () => {
  const into = mkdtempSync(join(tmpdir(), 'steep-package-'));
  onTestFinished(() => rmSync(into, { recursive: true }));
  execFileSync(process.execPath, ['scripts/supply-chain.ts', '--into', into]);
  const read = (file: string) => JSON.parse(readFileSync(join(into, file), 'utf8'));
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Described;
  const { packages } = read('npm-shrinkwrap.json');
  const { bomFormat, components } = read('sbom.cdx.json');
  const listed = components.map((component: Record<string, string>) => component['bom-ref']);
  expect(bomFormat).toBe('CycloneDX');
  for (const [name, version] of Object.entries(dependencies)) {
    expect(packages[`node_modules/${name}`], name).toMatchObject({ version });
    expect(listed).toContain(`${name}@${version}`);
  }
  expect(packages['node_modules/vitest']).toBeUndefined();
  expect(listed.join()).not.toContain('vitest@');
  expect(packages[''].devDependencies).toBeUndefined();
});
