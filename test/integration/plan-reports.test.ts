// Every report of a plan in one run: each is there, whole, and they agree.

import { stat } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { markdownLimit } from '../../src/cli/reports/markdown.ts';
import { faultsOf } from '../support/documents.ts';
import { failuresOf, parseXml } from '../support/fakes/parse-xml.ts';
import { createEdge, type Edge } from '../support/worlds/edge.ts';

let edge: Edge;

beforeAll(async () => {
  edge = await createEdge({ lasting: true, copy: 'native' });
  // A copy into a table with rows: a danger.
  await edge.subscriber.query('INSERT INTO items VALUES (-1)');
});

const all = ['markdown=r.md', 'html=r.html', 'sql=r.sql', 'json=r.json', 'junit=r.xml'].flatMap(
  (wish) => ['--report', wish],
);

test('five reports of one plan', async () => {
  const { project } = edge;
  const { code, stdout, stderr } = await project.steep('plan', ...all);
  expect(code, stderr).toBe(0);
  const lastLine = stdout.trimEnd().split('\n').at(-1) ?? '';
  const flag = '--allow-hazard COPY_INTO_NONEMPTY=';
  const markdown = await project.read('r.md');
  const page = await project.read('r.html');
  const sql = await project.read('r.sql');
  const json = JSON.parse(await project.read('r.json')) as { readonly plan_id: string };

  expect(lastLine).toMatch(/^Plan: .* Hazards: 1 danger, /);
  expect(faultsOf('plan', json)).toBe('');
  for (const text of [stdout, markdown, page, sql]) {
    expect(text).toContain(lastLine);
    expect(text).toContain(json.plan_id);
  }
  for (const text of [stdout, markdown, page]) expect(text).toContain(flag);
  expect(markdown.length).toBeLessThan(markdownLimit);
  for (const text of [markdown, page, sql]) expect(text).toContain('CREATE PUBLICATION items');
  expect(page).toContain('&gt; copy 1 table');
  expect(page).toContain('+ create, DANGER');
  expect(failuresOf(await project.read('r.xml'))).toEqual([
    expect.stringMatching(/^COPY_INTO_NONEMPTY subscriber\//),
  ]);
  for (const name of ['r.md', 'r.html', 'r.sql', 'r.json', 'r.xml']) {
    expect((await stat(project.path(name))).mode & 0o777).toBe(0o600);
  }
});

test('with --detailed-exitcode a difference fails in the report of tests as well', async () => {
  const { project } = edge;
  const { code } = await project.steep('plan', '--detailed-exitcode', '--report', 'junit=d.xml');
  expect(code).toBe(2);
  const failures = failuresOf(await project.read('d.xml'));
  expect(failures).toContain('publisher/publication.items');
  expect(failures).toContain('subscriber/subscription.items');
});

test('the reports of a plan that misses a node are written too', async () => {
  const project = edge.project.with({
    publisher: 'postgresql://postgres@127.0.0.1:1/nowhere?connect_timeout=2',
  });
  const { code } = await project.steep('plan', ...all);
  expect(code).toBe(7);
  expect(await project.read('r.html')).toContain('This plan is incomplete and cannot be applied');
  const { errors } = parseXml(await project.read('r.xml')).attributes;
  expect(errors).toBe('1');
});

test('a report that does not exist is wrong usage', async () => {
  const { code, stderr } = await edge.project.steep('plan', '--report', 'pdf=x');
  expect(code).toBe(64);
  expect(stderr).toContain('markdown, html, sql, json, junit');
});
