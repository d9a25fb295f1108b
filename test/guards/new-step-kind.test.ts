// Who adds a kind of step is told by the compiler what else it needs: a table without a row for it does not compile.

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The files that the compiler complains about in a copy of the sources in which one file is changed. */
const complaintsAfter = async (
  file: string,
  change: (text: string) => string,
): Promise<readonly string[]> => {
  await mkdir(join(root, 'tmp'), { recursive: true });
  const folder = await mkdtemp(join(root, 'tmp', 'new-kind-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const part of ['src', 'scripts', 'test', 'schemas', 'package.json', 'tsconfig.json']) {
    await cp(join(root, part), join(folder, part), { recursive: true });
  }
  const text = await readFile(join(folder, file), 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(join(folder, file), changed);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, '--noEmit'], {
    cwd: folder,
  }).catch((error: { readonly stdout: string }) => error);
  return [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error TS2741: Property 'toy' is missing/gm)].map(
    ([, name]) => name ?? '',
  );
};

test('a kind of step without traits, executor, effect, sample or expected SQL does not compile', async () => {
  const complaints = await complaintsAfter('src/model/step/step.ts', (text) =>
    text.replace(
      'export type Step =\n',
      "export interface Toy extends StepBase {\n  readonly kind: 'toy';\n}\n\nexport type Step =\n  | Toy\n",
    ),
  );
  expect(complaints.toSorted()).toEqual([
    'scripts/docs/sample-steps.ts',
    'src/executors/index.ts',
    'src/model/step/step-traits.ts',
    'test/support/plans/simulate.ts',
    'test/unit/executors/sql.test.ts',
  ]);
});
