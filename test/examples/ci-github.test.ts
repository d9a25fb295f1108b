// The GitHub workflows of examples/ci, run step by step on real servers: from a pull request to its merge, and
// what goes wrong on the way. Only GitHub itself is not real.

import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGitHub, type GitHubState } from '../support/fakes/fake-github.ts';
import { failuresOf } from '../support/fakes/parse-xml.ts';
import {
  createWorld,
  example,
  head,
  merge,
  nowhere,
  type World,
} from '../support/worlds/pull-request-world.ts';

/** Stops an apply when half of it is done. */
const refuseSubscriptions = `
  CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
  CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE SUBSCRIPTION')
    EXECUTE FUNCTION refuse()`;

const bodyOf = async ({ github }: World): Promise<string> =>
  (await github.state()).comments[0]?.body ?? '';

const idIn = (text: string): string => /^plan (sha256:\w+) for/m.exec(text)?.[1] ?? 'none';

const publications = ({ primary }: World) => primary.query('SELECT pubname FROM pg_publication');

test('a pull request can be validated without servers and secrets', async () => {
  const github = await createGitHub();
  await copyFile(`${example}/steep.yaml`, join(github.shell.workspace, 'steep.yaml'));
  const run = { env: { GITHUB_RUN_ID: '1' }, values: {} };
  expect(await github.job('steep-plan', 'validate', run)).toMatchObject({ code: 0 });
  await writeFile(join(github.shell.workspace, 'steep.yaml'), 'version: 2\n');
  expect(await github.job('steep-plan', 'validate', run)).toMatchObject({ code: 65 });
});

describe('from a pull request to its merge', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });

  test('the plan becomes a comment, with the line that apply reads', async () => {
    await world.github.change({
      comments: [
        {
          id: 1,
          number: 1,
          state: '',
          user: { login: 'mallory' },
          body: '<!-- steep:plan -->\nmine',
        },
      ],
    });
    const { code, log } = await world.plan('100');
    expect(code, log).toBe(0);
    const { comments } = await world.github.state();
    expect(comments.map(({ user }) => user.login)).toEqual(['mallory', 'github-actions[bot]']);
    const body = comments[1]?.body ?? '';
    expect(body).toMatch(/^<!-- steep:plan -->\n/);
    expect(body).toContain('CREATE PUBLICATION sales');
    expect(body.trimEnd().split('\n').at(-1)).toBe(
      `<!-- steep:reviewed plan=${idIn(body)} commit=${head} run=100 -->`,
    );
    await world.github.change({ comments: comments.slice(1) });
  });

  test('the page and the tests of the plan are kept, each of the same plan', async () => {
    expect(await world.report('100', 'html')).toContain(idIn(await bodyOf(world)));
    expect(failuresOf(await world.report('100', 'xml'))).toEqual([]);
  });

  test('a second run updates the same comment', async () => {
    const before = await bodyOf(world);
    expect(await world.plan('101')).toMatchObject({ code: 0 });
    expect((await world.github.state()).comments).toHaveLength(1);
    expect(await bodyOf(world)).toContain('run=101 -->');
    expect(idIn(await bodyOf(world))).toBe(idIn(before));
  });

  test('a node that cannot be read fails the check, and the comment says so', async () => {
    const { code, log } = await world.plan('102', { 'secrets.PLAN_REPORTING_URL': nowhere });
    expect(code, log).toBe(7);
    expect(log).toContain('::error title=Incomplete::');
    expect(await bodyOf(world)).toContain('This plan is incomplete');
    // Its merge is refused, too.
    const merged = await world.merge();
    expect(merged.code, merged.log).toBe(7);
    expect(await publications(world)).toEqual([]);
  });

  test('an invalid file fails the check, and the comment no longer shows a plan', async () => {
    await world.edit('version: 1', 'version: 2');
    const { code, log } = await world.plan('103');
    await world.edit('version: 2', 'version: 1');
    expect(code, log).toBe(65);
    expect(await bodyOf(world)).toContain('There is no plan: steep ended with exit code 65');
    expect(await bodyOf(world)).toContain('plan=none');
  });

  test('a danger that the policy does not name fails the check', async () => {
    await world.reporting.query(`INSERT INTO customers VALUES (-1, 'here already')`);
    const { code, log } = await world.plan('104');
    expect(code, log).toBe(3);
    expect(log).toContain('::error title=Not allowed::Nobody allowed COPY_INTO_NONEMPTY.');
    expect(await bodyOf(world)).toContain('COPY_INTO_NONEMPTY');
    const red = failuresOf(await world.report('104', 'xml'));
    expect(red).toEqual([expect.stringMatching(/^COPY_INTO_NONEMPTY /)]);
    const merged = await world.merge();
    expect(merged.code, merged.log).toBe(3);
    expect(merged.log).toContain('::error title=Refused::');
    await world.reporting.query('DELETE FROM customers');
  });

  test('servers that changed after the review: exit 4, nothing is done, the new plan is shown', async () => {
    expect(await world.plan('105')).toMatchObject({ code: 0 });
    await world.primary.query('CREATE PUBLICATION sales FOR TABLE public.customers');
    const { code, log } = await world.merge();
    expect(code, log).toBe(4);
    expect(log).toContain('::error title=Stale::');
    expect(idIn(await world.github.summary())).toMatch(/^sha256:/);
    expect(idIn(await world.github.summary())).not.toBe(idIn(await bodyOf(world)));
    expect(await world.reporting.query('SELECT 1 FROM pg_subscription')).toEqual([]);
    await world.primary.query('DROP PUBLICATION sales');
  });

  test('a plan of an older commit of the pull request does not count', async () => {
    const { pulls } = await world.github.state();
    const newer = { sha: 'c'.repeat(40) };
    await world.github.change({ pulls: pulls.map((pull) => ({ ...pull, head: newer })) });
    const { code, log } = await world.merge();
    await world.github.change({ pulls });
    expect(code, log).toBe(3);
    expect(log).toContain('#12 has no plan of its last commit');
    expect(await publications(world)).toEqual([]);
  });

  test('a merge that stops midway continues when its job runs again', async () => {
    await world.reporting.query(refuseSubscriptions);
    const first = await world.merge();
    expect(first.code, first.log).toBe(6);
    expect(first.log).toContain('::error title=Partly applied::');
    await world.reporting.query('DROP EVENT TRIGGER refuse');

    await world.github.change({ tip: 'd'.repeat(40) });
    const outdated = await world.merge({ GITHUB_RUN_ATTEMPT: '2' });
    expect(outdated.code, outdated.log).toBe(4);
    expect(outdated.log).toContain('::error title=Outdated::');

    await world.github.change({ tip: merge });
    const again = await world.merge({ GITHUB_RUN_ATTEMPT: '2' });
    expect(again.code, again.log).toBe(0);
    expect(await world.reporting.query('SELECT count(*)::int AS n FROM orders')).toEqual([
      { n: 1000 },
    ]);
  });

  test('a change pushed without a pull request waits for a user to review it', async () => {
    await world.github.change({ pulls: [] });
    expect(await world.merge()).toMatchObject({ code: 0 });
    await world.edit(
      'publish: [insert, update, delete]',
      'publish: [insert, update, delete, truncate]',
    );
    const pushed = await world.merge();
    expect(pushed.code, pushed.log).toBe(3);
    expect(pushed.log).toContain('::error title=Not reviewed::');
    const id = idIn(await world.github.summary());

    const wrong = await world.dispatch(`sha256:${'0'.repeat(64)}`);
    expect(wrong.code, wrong.log).toBe(4);
    expect(await world.dispatch('$(id)')).toMatchObject({ code: 64 });
    const right = await world.dispatch(id);
    expect(right.code, right.log).toBe(0);
    expect(await world.merge()).toMatchObject({ code: 0 });
  });

  test('two merges in a row: each runs what was reviewed, in the order of the branch', async () => {
    const pulls = [13, 14].map((number) => ({
      number,
      merge_commit_sha: merge,
      merged_at: '2026-01-02',
      head: { sha: head },
    }));
    const review = async (number: number, run: string): Promise<Partial<GitHubState>> => {
      await world.github.change({ comments: [] });
      expect(await world.plan(run)).toMatchObject({ code: 0 });
      const { comments } = await world.github.state();
      return { comments, pulls: pulls.filter((pull) => pull.number === number) };
    };
    const quiet = 'publish: [insert, update, delete, truncate]';
    await world.edit(quiet, `${quiet}\n    protect: true`);
    const first = await review(13, '200');
    await world.edit('\n    protect: true', '');
    await world.edit('disable_on_error: true', 'disable_on_error: false');
    const second = await review(14, '201');
    await world.edit(quiet, `${quiet}\n    protect: true`);

    // The first one was not applied: the second would bring it along, unreviewed.
    await world.github.change(second);
    expect(await world.merge()).toMatchObject({ code: 4 });
    for (const reviewed of [first, second]) {
      await world.github.change(reviewed);
      // The branch as it was at the first merge has nothing of the second.
      if (reviewed === first) await world.edit('disable_on_error: false', 'disable_on_error: true');
      const { code, log } = await world.merge();
      expect(code, log).toBe(0);
      if (reviewed === first) await world.edit('disable_on_error: true', 'disable_on_error: false');
    }
    expect((await world.merge({ GITHUB_RUN_ATTEMPT: '2' })).log).toContain('already done');
  });

  test('drift: one issue, updated while it lasts and closed when it is over', async () => {
    const none = await world.drift();
    expect(none.code, none.log).toBe(0);
    expect((await world.github.state()).issues).toEqual([]);

    await world.toggleDisableOnError();
    const found = await world.drift();
    expect(found.code, found.log).toBe(0);
    expect(found.log).toContain('::warning title=Drift::');
    expect(await world.github.summary()).toContain('DRIFT_CHANGED');
    await world.drift();
    expect((await world.github.state()).issues).toMatchObject([
      { state: 'open', title: 'Replication has drifted' },
    ]);

    const unknown = await world.drift({ 'secrets.DRIFT_PRIMARY_URL': nowhere });
    expect(unknown.code, unknown.log).toBe(7);
    expect(unknown.log).toContain('::error title=Unknown::');
    expect((await world.github.state()).issues).toMatchObject([{ state: 'open' }]);

    await world.toggleDisableOnError();
    const over = await world.drift();
    expect(over.code, over.log).toBe(0);
    expect((await world.github.state()).issues).toMatchObject([{ state: 'closed' }]);
  });

  test('no call and no comment holds a password', async () => {
    const { password } = new URL(world.primary.url);
    const { comments, issues } = await world.github.state();
    const said = JSON.stringify([comments, issues, await world.github.calls()]);
    expect(password).not.toBe('');
    expect(said).not.toContain(password);
  });
});
