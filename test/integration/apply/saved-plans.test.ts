// Saved plans: what is applied is what was reviewed, or nothing at all.

import { stat } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { parsePlanFile, renderPlanFile, withPlanId } from '../../../src/planner/plan/plan-file.ts';
import type { CliResult } from '../../support/cli.ts';
import { catalogsOfAll } from '../../support/servers/catalogs.ts';
import { createEdge, type Edge, edgeSteps } from '../../support/worlds/edge.ts';

let edge: Edge;
let text: string;
let planned: CliResult;

/** An edge of which nothing is applied, and its plan in the file `p`. */
beforeAll(async () => {
  edge = await createEdge({ lasting: true });
  planned = await edge.project.steep('plan', '--out', 'p');
  text = await edge.project.read('p');
});

const databasesOf = ({ publisher, subscriber }: Edge) => ({ publisher, subscriber });

test('only its owner may read the file', async () => {
  expect((await stat(edge.project.path('p'))).mode & 0o777).toBe(0o600);
});

test.each([{ flags: [] }, { flags: ['--sql'] }, { flags: ['--summary'] }, { flags: ['--json'] }])(
  'show prints what plan printed with $flags',
  async ({ flags }) => {
    const again = await edge.project.steep('plan', '--out', 'q', ...flags);
    const shown = await edge.project.steep('show', 'q', ...flags);
    expect(shown).toEqual(again);
    expect(shown.stdout).not.toBe('');
  },
);

/** Other SQL, and an id that fits it. */
function forge(): string {
  const plan = parsePlanFile(text, 'p');
  const steps = plan.steps.map((step) => ({
    ...step,
    execution: { ...step.execution, statements: ['DROP TABLE public.items'] },
  }));
  return renderPlanFile(withPlanId({ ...plan, steps }));
}

describe('a file that is not what plan wrote is refused', () => {
  test.each([
    {
      file: 'edited',
      make: () => text.replace('FOR TABLE', 'FOR ALL TABLES'),
      code: 'PLAN_TAMPERED',
    },
    {
      file: 'of a newer format',
      make: () => text.replace(/"format_version":"1\.\d+"/, '"format_version":"2.0"'),
      code: 'PLAN_TOO_NEW',
    },
    { file: 'cut', make: () => text.slice(0, 1000), code: 'PLAN_UNREADABLE' },
    { file: 'no plan', make: () => '[]', code: 'PLAN_UNREADABLE' },
  ])('$file: $code', async ({ make, code }) => {
    const before = await catalogsOfAll(databasesOf(edge));
    expect(make()).not.toBe(text);
    await edge.project.write('bad', make());
    for (const command of ['apply', 'show']) {
      const result = await edge.project.steep(command, 'bad', '--json');
      expect(result.code, result.stderr).toBe(65);
      expect(JSON.parse(result.stdout)).toMatchObject({ error: { code, exit_code: 65 } });
    }
    expect(await catalogsOfAll(databasesOf(edge))).toEqual(before);
  });

  test('missing: FILE_UNREADABLE', async () => {
    const { code, stderr } = await edge.project.steep('apply', 'nowhere');
    expect(code, stderr).toBe(65);
    expect(stderr).toContain('FILE_UNREADABLE');
  });

  test('forged, with an id that fits: its SQL is not what would run', async () => {
    await edge.project.write('forged', forge());
    const { code, stderr } = await edge.project.steep('apply', 'forged');
    expect(code, stderr).toBe(4);
    expect(stderr).toContain(`${edgeSteps.createPublication} would now be carried out differently`);
  });
});

describe('a plan is stale, and says in which steps', () => {
  test('because the catalog changed', async () => {
    const changed = await createEdge();
    await changed.project.steep('plan', '--out', 'p');
    await changed.publisher.query(
      `CREATE PUBLICATION items FOR TABLE items WITH (publish = 'insert')`,
    );
    const before = await catalogsOfAll(databasesOf(changed));
    const { code, stderr } = await changed.project.steep('apply', 'p');
    expect(code, stderr).toBe(4);
    expect(stderr).toContain('alter-publication publisher/publication.items is not in the plan');
    expect(await catalogsOfAll(databasesOf(changed))).toEqual(before);
  });

  test('because steep.yaml changed', async () => {
    await edge.project.describe({
      ...edge.topology,
      publications: { items: { node: 'publisher', tables: ['items'], publish: ['insert'] } },
    });
    const { code, stderr } = await edge.project.steep('apply', 'p');
    await edge.project.describe(edge.topology);
    expect(code, stderr).toBe(4);
    expect(stderr).toContain(`${edgeSteps.createPublication} would now be carried out differently`);
    expect(stderr).not.toContain('register-node');
  });
});

test('of a node that could not be read: written, not applyable', async () => {
  const unread = edge.project.with({ subscriber: 'postgresql://postgres@127.0.0.1:1/nowhere' });
  const result = await unread.steep('plan', '--out', 'unread');
  expect(result.code).toBe(7);
  expect(JSON.parse(await edge.project.read('unread'))).toMatchObject({
    applyable: false,
    errors: [{ code: 'UNREACHABLE', address: 'subscriber/node.subscriber' }],
  });
  // Not even when all nodes are there again.
  expect((await edge.project.steep('apply', 'unread')).code).toBe(7);
});

test('--expect-plan-id also holds a file to the plan that was reviewed', async () => {
  const result = await edge.project.steep('apply', 'p', '--expect-plan-id', 'sha256:other');
  expect(result.code, result.stderr).toBe(4);
  expect(result.stderr).toMatch(/^.*p holds the plan sha256:\w+, not sha256:other/m);
});

test('--expect-plan-id runs the plan of this id, and no other', async () => {
  const id = (JSON.parse(text) as { readonly plan_id: string }).plan_id;
  const wrong = await edge.project.steep('apply', '--expect-plan-id', id.replace(/.$/, 'x'));
  expect(wrong.code, wrong.stderr).toBe(4);
  expect(wrong.stderr).toContain(`The plan is now ${id}`);
  expect(wrong.stderr).toContain(edgeSteps.createPublication);
  const right = await edge.project.steep('apply', '--expect-plan-id', id);
  expect(right.code, right.stderr).toBe(0);
  expect(planned.stdout).toContain(id);
});
