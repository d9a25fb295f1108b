// The pipelines of examples/ci are copied into other repositories, where no review sees them again: what they must
// never do is checked here. test/examples/ runs them.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readWorkflow, type Workflow } from '../support/fakes/fake-github.ts';
import { type GitLabJob, readJobs } from '../support/fakes/fake-gitlab.ts';

const workflows: readonly (readonly [string, Workflow])[] = await Promise.all(
  readdirSync('examples/ci/github').map(async (file) => {
    const name = file.replace('.yml', '');
    return [name, await readWorkflow(name)] as const;
  }),
);

const gitlab = Object.entries(await readJobs()).filter(([, job]) => job.script !== undefined);

const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

const syntaxFaults = (script: string): string =>
  spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr;

/** Jobs that get a secret, by the step that it is for. */
const secretsIn = ([name, workflow]: readonly [string, Workflow]): readonly string[] =>
  Object.entries(workflow.jobs).flatMap(([job, { steps }]) =>
    steps
      .filter((step) => JSON.stringify(step).includes('secrets.'))
      .map((step) => `${name}/${job}/${step.name}`),
  );

test('there are workflows, and jobs for GitLab', () => {
  expect(workflows.map(([name]) => name)).toEqual(['steep-apply', 'steep-drift', 'steep-plan']);
  expect(gitlab.map(([name]) => name)).toEqual([
    'steep-validate',
    'steep-plan',
    'steep-apply',
    'steep-drift',
  ]);
});

describe.each(workflows)('%s', (_, workflow) => {
  test('its shell has no fault of syntax', () => {
    const faults = stepsOf(workflow).map(({ run }) => syntaxFaults(run ?? ''));
    expect(faults.join('')).toBe('');
  });

  test('no expression is in shell, where its value would be run', () => {
    expect(stepsOf(workflow).filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });

  test("it uses GitHub's own actions, each pinned by its commit", () => {
    for (const { uses } of stepsOf(workflow)) {
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
    }
  });

  test('its checkouts leave no token behind', () => {
    const checkouts = stepsOf(workflow).filter(({ uses }) => uses?.startsWith('actions/checkout'));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const checkout of checkouts) expect(checkout.with?.['persist-credentials']).toBe(false);
  });

  test('every job ends in time, and one with secrets has an environment', () => {
    for (const job of Object.values(workflow.jobs)) {
      expect(job['timeout-minutes']).toBeGreaterThan(0);
      if (JSON.stringify(job).includes('secrets.')) expect(job.environment).toMatch(/^steep-/);
    }
  });
});

test('secrets reach the steps that talk to servers, and no other', () => {
  expect(workflows.flatMap(secretsIn)).toEqual([
    'steep-apply/apply/Apply',
    'steep-drift/drift/Drift',
    'steep-plan/plan/Plan',
  ]);
});

/** By job, the names of the secrets that it sees. */
const seenBy: readonly (readonly [string, readonly string[]])[] = [
  ...workflows.flatMap(([name, { jobs }]) =>
    Object.entries(jobs).map(
      ([job, it]) => [`${name}/${job}`, namesIn(it, /secrets\.(\w+)/g)] as const,
    ),
  ),
  ...gitlab.map(([name, job]) => [name, namesIn(job.variables ?? {}, /\$(\w+)/g)] as const),
];

test('each job has connections of its own: no plan sees what an apply connects with', () => {
  expect(Object.fromEntries(seenBy)).toEqual({
    'steep-plan/validate': [],
    'steep-plan/plan': ['PLAN_PRIMARY_URL', 'PLAN_REPORTING_URL'],
    'steep-apply/apply': ['APPLY_PRIMARY_URL', 'APPLY_REPORTING_URL', 'REPLICATION_PASSWORD'],
    'steep-drift/drift': ['DRIFT_PRIMARY_URL', 'DRIFT_REPORTING_URL'],
    'steep-validate': [],
    'steep-plan': ['PLAN_PRIMARY_URL', 'PLAN_REPORTING_URL'],
    'steep-apply': ['APPLY_PRIMARY_URL', 'APPLY_REPORTING_URL'],
    'steep-drift': ['DRIFT_PRIMARY_URL', 'DRIFT_REPORTING_URL'],
  });
});

test('what plans and watches needs no password that rows can be read with', () => {
  const planning = [...workflows, ...gitlab].filter(([name]) => !name.endsWith('apply'));
  for (const [name, job] of planning) {
    expect(`${name} ${JSON.stringify(job)}`).not.toContain('REPLICATION_PASSWORD');
  }
  for (const command of ['steep plan', 'steep drift']) {
    const calls = planning.flatMap(([, job]) =>
      [...JSON.stringify(job).matchAll(new RegExp(`${command} --.{20}`, 'g'))].map(([it]) => it),
    );
    expect(calls).toHaveLength(2);
    for (const call of calls) expect(call).toContain(`${command} --skip-connections`);
  }
});

test('permissions are the least that do', () => {
  const granted = workflows.map(([name, { permissions, jobs }]) => [
    name,
    permissions,
    Object.values(jobs).flatMap(({ permissions: own }) => (own === undefined ? [] : [own])),
  ]);
  expect(granted).toEqual([
    ['steep-apply', { contents: 'read', 'pull-requests': 'read', actions: 'read' }, []],
    ['steep-drift', { contents: 'read', issues: 'write' }, []],
    ['steep-plan', { contents: 'read' }, [{ contents: 'read', 'pull-requests': 'write' }]],
  ]);
});

test('a fork never meets a secret', () => {
  for (const [, { on }] of workflows) expect(Object.keys(on)).not.toContain('pull_request_target');
  const planned = workflows.find(([name]) => name === 'steep-plan')?.[1];
  expect(planned?.jobs.plan?.if).toContain(
    'github.event.pull_request.head.repo.full_name == github.repository',
  );
  const [rule] = jobOf('steep-plan').rules ?? [];
  expect(rule?.if).toContain('$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID');
});

test('applies wait for each other, and none is cut off', () => {
  const applied = workflows.find(([name]) => name === 'steep-apply')?.[1];
  expect(applied?.concurrency).toEqual({ group: 'steep-apply', 'cancel-in-progress': false });
  expect(applied?.jobs.apply?.if).toBe("github.ref == 'refs/heads/main'");
  expect(jobOf('steep-apply')).toMatchObject({ resource_group: 'steep', interruptible: false });
});

test.each(gitlab)('the shell of %s has no fault of syntax', (_, { script = [] }) => {
  expect(syntaxFaults(script.join('\n'))).toBe('');
});

test('GitLab keeps the reports, also of a job that failed', () => {
  expect(jobOf('steep-plan').artifacts).toMatchObject({
    when: 'always',
    reports: { junit: 'steep-plan.xml' },
  });
  expect(jobOf('steep-drift').artifacts).toMatchObject({
    when: 'always',
    reports: { junit: 'steep-drift.xml' },
  });
});

function jobOf(name: string): GitLabJob {
  return gitlab.find(([found]) => found === name)?.[1] ?? {};
}

function namesIn(value: unknown, pattern: RegExp): readonly string[] {
  const names = [...JSON.stringify(value).matchAll(pattern)].map(([, name]) => name ?? '');
  return [...new Set(names)].sort();
}
