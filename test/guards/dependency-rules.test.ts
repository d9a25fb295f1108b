// Proves that the rules of .dependency-cruiser.cjs bite: each row plants one forbidden import.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A planted file, what it holds, and the rule that must report it. */
type Row = readonly [file: string, content: string, rule: string];

const violations: readonly Row[] = [
  ['model/a.ts', `import '../postgres/leaf.ts'`, 'model-imports'],
  ['model/b.ts', `import 'node:fs'`, 'pure-imports'],
  ['model/c.ts', `import 'yaml'`, 'pure-imports'],
  ['planner/a.ts', `import type { Leaf } from '../catalog/leaf.ts'`, 'planner-imports'],
  ['planner/b.ts', `import { readFileSync } from 'node:fs'`, 'pure-imports'],
  ['planner/c.ts', `import '../model/b.ts'`, 'pure-reaches'],
  ['topology/a.ts', `export type { Leaf } from '../postgres/leaf.ts'`, 'topology-imports'],
  ['catalog/a.ts', `import '../planner/leaf.ts'`, 'catalog-imports'],
  ['catalog/b.ts', `import '../executors/leaf.ts'`, 'catalog-imports'],
  ['catalog/c.ts', `import 'pg'`, 'package-pg'],
  ['postgres/a.ts', `import '../catalog/leaf.ts'`, 'postgres-imports'],
  ['sandbox/a.ts', `import '../topology/leaf.ts'`, 'sandbox-imports'],
  ['schema/a.ts', `import '../cli/leaf.ts'`, 'schema-imports'],
  ['copy/a.ts', `import '../planner/leaf.ts'`, 'copy-imports'],
  ['snapshot/a.ts', `import '../commands/leaf.ts'`, 'snapshot-imports'],
  ['snapshot/b.ts', `import './storage/bucket-leaf.ts'`, 'buckets-apart'],
  ['snapshot/c.ts', `import '@aws-sdk/client-s3'`, 'package-@aws-sdk/[a-z0-9-]+'],
  ['copy/b.ts', `import 'lz4-napi'`, 'package-lz4-napi'],
  ['merge/a.ts', `import '../planner/leaf.ts'`, 'merge-imports'],
  ['metadata/a.ts', `import '../copy/leaf.ts'`, 'metadata-imports'],
  ['executors/a.ts', `import '../planner/leaf.ts'`, 'executors-imports'],
  ['executors/b.ts', `import './leaf.ts'`, 'executors-apart'],
  ['run/a.ts', `import '../planner/leaf.ts'`, 'run-imports'],
  ['run/b.ts', `import '../executors/leaf.ts'`, 'run-imports'],
  ['workflows/a.ts', `import '../cli/leaf.ts'`, 'workflows-imports'],
  ['workflows/b.ts', `import 'listr2'`, 'package-listr2'],
  ['cli/a.ts', `import '../catalog/leaf.ts'`, 'cli-imports'],
  ['cli/b.ts', `import { leaf } from '../run/leaf.ts'`, 'cli-types'],
  ['commands/a.ts', `import '../catalog/leaf.ts'`, 'commands-imports'],
  ['commands/b.ts', `import { leaf } from '../model/leaf.ts'`, 'commands-types'],
  ['commands/c.ts', `import '../sandbox/leaf.ts'`, 'commands-imports'],
  ['unheard-of/a.ts', `import '../model/leaf.ts'`, 'known-folder'],
  ['workflows/c.ts', `import './no-such-file.ts'`, 'resolvable'],
  ['workflows/d.ts', `import './to-d.ts'`, 'no-cycles'],
  ['workflows/e.ts', `import 'fast-check'`, 'installed'],
];

const allowed: readonly Row[] = [
  ['planner/ok.ts', `import '../model/leaf.ts'; import 'canonicalize'`, 'none'],
  ['model/ok.ts', `import { createHash } from 'node:crypto'`, 'none'],
  ['cli/ok.ts', `import type { Leaf } from '../run/leaf.ts'; import 'chalk'`, 'none'],
  ['commands/ok.ts', `import type { Leaf } from '../model/leaf.ts'`, 'none'],
  ['postgres/ok.ts', `import 'pg'`, 'none'],
  ['snapshot/storage/bucket-leaf.ts', `import '@aws-sdk/client-s3'`, 'none'],
  ['snapshot/ok.ts', `export const leaf = () => import('./storage/bucket-leaf.ts')`, 'none'],
];

const back: Row = ['workflows/to-d.ts', `import './d.ts'`, 'none'];
const folders = new Set([...violations, ...allowed].map(([file]) => dirname(file)));
const leaves = [...folders].map((folder): Row => {
  return [`${folder}/leaf.ts`, 'export const leaf = 1; export type Leaf = 1;', 'none'];
});

let root: string;
let reported: ReadonlySet<string>;

beforeAll(async () => {
  // Inside the repository, so that packages resolve as they do for src/.
  mkdirSync('tmp', { recursive: true });
  root = mkdtempSync(join('tmp', 'dependency-rules-'));
  for (const [file, content] of [...leaves, ...violations, ...allowed, back]) {
    mkdirSync(join(root, 'src', dirname(file)), { recursive: true });
    writeFileSync(join(root, 'src', file), content);
  }
  reported = await reportedViolations(root);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(violations)('src/%s: %s is reported by %s', (file, _content, rule) => {
  expect([...reported]).toContain(`${rule}: src/${file}`);
});

test.each(allowed)('src/%s: %s is allowed', (file) => {
  expect([...reported].filter((line) => line.endsWith(`src/${file}`))).toEqual([]);
});

async function reportedViolations(baseDir: string): Promise<ReadonlySet<string>> {
  const { options, forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
  const { output } = await cruise(['src'], {
    ...options,
    baseDir: join(process.cwd(), baseDir),
    ruleSet: { forbidden },
    validate: true,
  });
  const { violations } = (output as ICruiseResult).summary;
  return new Set(violations.map(({ rule, from }) => `${rule.name}: ${from}`));
}
