// The GitLab jobs of examples/ci on real servers: from a merge request to its merge, and drift. Only GitLab
// itself is not real.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createGitLab, type FakeGitLab, token } from '../support/fakes/fake-gitlab.ts';
import { failuresOf } from '../support/fakes/parse-xml.ts';
import type { ShellResult } from '../support/fakes/pipeline-shell.ts';
import { cluster, type TestDatabase } from '../support/servers/cluster.ts';
import { newestMajor } from '../support/servers/majors.ts';

import { example, exampleFile } from '../support/worlds/pull-request-world.ts';

const head = 'a'.repeat(40);
const merged = 'b'.repeat(40);

let gitlab: FakeGitLab;
let primary: TestDatabase;
let reporting: TestDatabase;

beforeAll(async () => {
  gitlab = await createGitLab();
  const server = await cluster.privateServer(newestMajor);
  primary = await server.createDatabase();
  reporting = await server.createDatabase();
  await primary.query(await readFile(`${example}/seed/primary.sql`, 'utf8'));
  await reporting.query(await readFile(`${example}/seed/reporting.sql`, 'utf8'));
  await writeFile(file('steep.yaml'), await exampleFile());
  // More notes than one page holds, so that the job has to turn it.
  gitlab.state.notes = Array.from({ length: 100 }, (_, at) => ({
    id: at + 1,
    author: { id: 1 },
    body: '<!-- steep:plan --> written by another user',
  }));
  gitlab.state.mergeRequests = [
    { iid: 12, state: 'merged', sha: head, merge_commit_sha: null, squash_commit_sha: merged },
  ];
});

const file = (name: string): string => join(gitlab.shell.workspace, name);

/** What GitLab gives to a job of this environment, and to no other. */
const urls = (job: 'PLAN' | 'APPLY' | 'DRIFT') => ({
  [`${job}_PRIMARY_URL`]: primary.url,
  [`${job}_REPORTING_URL`]: reporting.url,
});

const noteBody = (): string => gitlab.state.notes[100]?.body ?? '';

const idIn = (text: string): string => /^plan (sha256:\w+) for/m.exec(text)?.[1] ?? 'none';

async function plan(job: string, variables = {}): Promise<ShellResult> {
  for (const kind of ['json', 'md', 'html', 'xml']) {
    await rm(file(`steep-plan.${kind}`), { force: true });
  }
  const result = await gitlab.job('steep-plan', {
    ...urls('PLAN'),
    CI_MERGE_REQUEST_IID: '12',
    CI_COMMIT_SHA: head,
    CI_JOB_ID: job,
    ...variables,
  });
  const kept = await readFile(file('steep-plan.json'), 'utf8').catch(() => undefined);
  if (kept !== undefined) gitlab.state.artifacts.set(job, kept);
  return result;
}

const merge = (variables = {}): Promise<ShellResult> =>
  gitlab.job('steep-apply', {
    ...urls('APPLY'),
    REPLICATION_PASSWORD: 'not used',
    CI_COMMIT_SHA: merged,
    CI_COMMIT_BRANCH: 'main',
    ...variables,
  });

const drift = (variables = {}): Promise<ShellResult> =>
  gitlab.job('steep-drift', { ...urls('DRIFT'), ...variables });

const url = 'postgresql://steep@127.0.0.1:1/nowhere';
const nowhere = { PLAN_REPORTING_URL: url, DRIFT_REPORTING_URL: url };

test('a merge request can be validated without servers and secrets', async () => {
  const { code, log } = await gitlab.job('steep-validate', {});
  expect(code, log).toBe(0);
});

test('the plan becomes one note, which a second run updates', async () => {
  const first = await plan('500');
  expect(first.code, first.log).toBe(0);
  expect(await plan('501')).toMatchObject({ code: 0 });
  expect(gitlab.state.notes).toHaveLength(101);
  expect(noteBody()).toMatch(/^<!-- steep:plan -->\n/);
  expect(noteBody().split('\n').at(-1)).toBe(
    `<!-- steep:reviewed plan=${idIn(noteBody())} commit=${head} job=501 -->`,
  );
});

test('the same run writes the page, and tests that are green', async () => {
  expect(await readFile(file('steep-plan.html'), 'utf8')).toContain(idIn(noteBody()));
  expect(failuresOf(await readFile(file('steep-plan.xml'), 'utf8'))).toEqual([]);
});

test('a plan that apply would refuse fails the job', async () => {
  expect(await plan('502', nowhere)).toMatchObject({ code: 7 });
  expect(await readFile(file('steep-plan.xml'), 'utf8')).toContain('<error ');
  await reporting.query(`INSERT INTO customers VALUES (-1, 'here already')`);
  const { code, log } = await plan('503');
  await reporting.query('DELETE FROM customers');
  expect(code, log).toBe(3);
  expect(log).toContain('Nobody allowed COPY_INTO_NONEMPTY.');
  const red = failuresOf(await readFile(file('steep-plan.xml'), 'utf8'));
  expect(red).toEqual([expect.stringMatching(/^COPY_INTO_NONEMPTY /)]);
});

test('servers that changed after the review: exit 4, and nothing is done', async () => {
  expect(await plan('504')).toMatchObject({ code: 0 });
  await primary.query('CREATE PUBLICATION sales FOR TABLE public.customers');
  const { code, log } = await merge();
  await primary.query('DROP PUBLICATION sales');
  expect(code, log).toBe(4);
  expect(log).toContain('Stale: the servers or main have changed since the review.');
  expect(await readFile(file('steep-now.md'), 'utf8')).toContain('ALTER PUBLICATION sales');
  expect(await reporting.query('SELECT 1 FROM pg_subscription')).toEqual([]);
});

test('the merge applies what was reviewed, and nothing else', async () => {
  const { code, log } = await merge();
  expect(code, log).toBe(0);
  expect(await reporting.query('SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 1000 }]);
  // The file is there, and says that all is done.
  expect(await merge()).toMatchObject({ code: 0 });
});

test('a change that nobody reviewed waits for its id', async () => {
  gitlab.state.mergeRequests = [];
  const before = await readFile(file('steep.yaml'), 'utf8');
  await writeFile(
    file('steep.yaml'),
    before.replace('update, delete]', 'update, delete, truncate]'),
  );
  const pushed = await merge();
  expect(pushed.code, pushed.log).toBe(3);
  const id = idIn(await readFile(file('steep-now.md'), 'utf8'));
  expect(await merge({ STEEP_PLAN_ID: `sha256:${'0'.repeat(64)}` })).toMatchObject({ code: 4 });
  const run = await merge({ STEEP_PLAN_ID: id });
  expect(run.code, run.log).toBe(0);
});

test('drift fails the pipeline, and a node that is not read fails it otherwise', async () => {
  expect(await drift()).toMatchObject({ code: 0 });
  await primary.query('ALTER PUBLICATION sales DROP TABLE public.orders');
  const found = await drift();
  expect(found.code, found.log).toBe(2);
  expect(await readFile(file('steep-drift.xml'), 'utf8')).toContain(
    '<failure message="DRIFT_CHANGED',
  );
  const unknown = await drift(nowhere);
  expect(unknown.code, unknown.log).toBe(7);
  expect(unknown.log).toContain('Unknown: a node could not be read');
});

test('no request holds a password, and no log the token', async () => {
  expect(JSON.stringify(gitlab.state.calls)).not.toContain(new URL(primary.url).password);
  const { log } = await plan('505');
  expect(log).not.toContain(token);
});
