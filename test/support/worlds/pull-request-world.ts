// A pull request on GitHub, its servers, and the workflows of examples/ci that run for it.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGitHub, type FakeGitHub } from '../fakes/fake-github.ts';
import type { ShellResult } from '../fakes/pipeline-shell.ts';
import { cluster, type TestDatabase } from '../servers/cluster.ts';
import { newestMajor } from '../servers/majors.ts';

/** The topology that it is about. */
export const example = 'examples/01-two-nodes';

/** Of the example, with the copy of PostgreSQL: rows blocking that are a danger, which can be allowed. */
export const exampleFile = async (): Promise<string> =>
  `${await readFile(`${example}/steep.yaml`, 'utf8')}\ndefaults: { init: { copy: native } }\n`;
const repository = 'acme/replication';
/** The last commit of the pull request, and the one it became on the branch. */
export const head = 'a'.repeat(40);
export const merge = 'b'.repeat(40);
export const nowhere = 'postgresql://steep@127.0.0.1:1/nowhere';

export interface World {
  readonly github: FakeGitHub;
  readonly primary: TestDatabase;
  readonly reporting: TestDatabase;
  /** Drift that loses no changes: set back, it is over. */
  toggleDisableOnError(): Promise<unknown>;
  /** The plan of a pull request whose last commit is `head`. */
  plan(run: string, urls?: object): Promise<ShellResult>;
  /** A report that this run of the plan kept. */
  report(run: string, kind: 'html' | 'xml'): Promise<string>;
  /** The apply of a push, of the commit `merge` if no other is given. */
  merge(env?: Readonly<Record<string, string>>): Promise<ShellResult>;
  dispatch(planId: string): Promise<ShellResult>;
  drift(urls?: object): Promise<ShellResult>;
  /** Changes steep.yaml in the working copy. */
  edit(from: string, to: string): Promise<void>;
}

const secretsFor = (job: string, primary: TestDatabase, reporting: TestDatabase) => ({
  [`secrets.${job}_PRIMARY_URL`]: primary.url,
  [`secrets.${job}_REPORTING_URL`]: reporting.url,
});

/** Two servers of their own, since slots have names for all databases, and the first example on them. */
export async function createWorld(): Promise<World> {
  const github = await createGitHub();
  const server = await cluster.privateServer(newestMajor);
  const primary = await server.createDatabase();
  const reporting = await server.createDatabase();
  await primary.query(await readFile(`${example}/seed/primary.sql`, 'utf8'));
  await reporting.query(await readFile(`${example}/seed/reporting.sql`, 'utf8'));
  const file = join(github.shell.workspace, 'steep.yaml');
  await writeFile(file, await exampleFile());
  await github.change({
    tip: merge,
    pulls: [{ number: 12, merge_commit_sha: merge, merged_at: '2026-01-01', head: { sha: head } }],
  });
  const values = {
    'github.token': 'gh-token',
    'github.event.pull_request.number': '12',
    'github.event.pull_request.head.sha': head,
    'inputs.plan_id': '',
    ...secretsFor('PLAN', primary, reporting),
    ...secretsFor('APPLY', primary, reporting),
    ...secretsFor('DRIFT', primary, reporting),
    'secrets.REPLICATION_PASSWORD': 'not used',
  };
  const env = { GITHUB_REPOSITORY: repository, GITHUB_REF_NAME: 'main', GITHUB_RUN_ATTEMPT: '1' };
  const push = { ...env, GITHUB_EVENT_NAME: 'push', GITHUB_SHA: merge, GITHUB_RUN_ID: '900' };
  return {
    github,
    primary,
    reporting,
    toggleDisableOnError: () =>
      reporting.query(`DO $$ DECLARE s record; BEGIN
        SELECT * INTO STRICT s FROM pg_subscription;
        EXECUTE format('ALTER SUBSCRIPTION %I SET (disable_on_error = %L)', s.subname, (NOT s.subdisableonerr)::text);
      END $$`),
    plan: async (run, urls = {}) => {
      // A fresh checkout has none of these.
      for (const kind of ['json', 'md', 'html', 'xml']) {
        await rm(join(github.shell.workspace, `steep-plan.${kind}`), { force: true });
      }
      return github.job('steep-plan', 'plan', {
        env: { ...env, GITHUB_EVENT_NAME: 'pull_request', GITHUB_RUN_ID: run },
        values: { ...values, ...urls },
      });
    },
    report: (run, kind) => github.artifact(run, 'steep-plan-reports', `steep-plan.${kind}`),
    merge: async (more = {}) => {
      await rm(github.shell.path('temp'), { recursive: true, force: true });
      return github.job('steep-apply', 'apply', { env: { ...push, ...more }, values });
    },
    dispatch: (planId) =>
      github.job('steep-apply', 'apply', {
        env: { ...push, GITHUB_EVENT_NAME: 'workflow_dispatch', GITHUB_RUN_ID: '901' },
        values: { ...values, 'inputs.plan_id': planId },
      }),
    drift: async (urls = {}) => {
      await rm(join(github.shell.workspace, 'steep-drift.md'), { force: true });
      return github.job('steep-drift', 'drift', {
        env: { ...env, GITHUB_EVENT_NAME: 'schedule', GITHUB_RUN_ID: '950' },
        values: { ...values, ...urls },
      });
    },
    edit: async (from, to) =>
      writeFile(
        file,
        (await readFile(file, 'utf8')).replace(from, () => to),
      ),
  };
}
