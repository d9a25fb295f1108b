// Who adds a kind of step, a method of init or a way to get rows is told by the compiler what else it needs: a table
// without a row for it does not compile.

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Tables of tests that name every kind of step: the other tests are not compiled again. */
const tables = ['test/support/plans/simulate.ts', 'test/unit/executors/sql.test.ts'];

/** The files that the compiler complains about in a copy of the sources with these changes: `toy` is missing there. */
const complaintsAfter = async (changes: readonly Change[]): Promise<readonly string[]> => {
  await mkdir(join(root, 'tmp'), { recursive: true });
  const folder = await mkdtemp(join(root, 'tmp', 'new-kind-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const part of ['src', 'scripts', 'test', 'schemas', 'package.json', 'tsconfig.json']) {
    await cp(join(root, part), join(folder, part), { recursive: true });
  }
  for (const { file, from, to } of changes) {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(folder, file), text.replace(from, to));
  }
  const config = { extends: './tsconfig.json', include: ['src', 'scripts', ...tables] };
  await writeFile(join(folder, 'tsconfig.tables.json'), JSON.stringify(config));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = [compiler, '--noEmit', '--project', 'tsconfig.tables.json'];
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: folder }).catch(
    (error: { readonly stdout: string }) => error,
  );
  return [...stdout.matchAll(/^(\S+)\(\d+,\d+\): error TS2741: Property 'toy' is missing/gm)].map(
    ([, name]) => name ?? '',
  );
};

const newStep = {
  file: 'src/model/step/step.ts',
  from: 'export type Step =\n',
  to: "export interface Toy extends StepBase {\n  readonly kind: 'toy';\n}\n\nexport type Step =\n  | Toy\n",
};
const newMethod = {
  file: 'src/model/state/state.ts',
  from: 'export type InitMethod =',
  to: "export type InitMethod = 'toy' |",
};
const newWay = {
  file: 'src/planner/facts/initial-copy.ts',
  from: 'export type InitialCopy =\n',
  to: "export type InitialCopy =\n  | { readonly way: 'toy' }\n",
};

test('kinds of steps, methods and ways that a table does not have do not compile', async () => {
  const complaints = await complaintsAfter([newStep, newMethod, newWay]);
  expect(complaints.toSorted()).toEqual([
    'scripts/docs/sample-steps.ts',
    'src/executors/index.ts',
    'src/model/step/step-traits.ts',
    // The strategy of a method, one file; and what its way means for steps, words and the rest of a plan.
    'src/planner/facts/initial-copy.ts',
    'src/planner/init/methods/index.ts',
    'src/planner/rules/copy/copy-summaries.ts',
    'src/planner/rules/copy/initial-copy-steps.ts',
    'test/support/plans/simulate.ts',
    'test/unit/executors/sql.test.ts',
  ]);
});
