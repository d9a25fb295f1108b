// Names that a shell would run: commands that steep prints are pasted into one, and mean the same names there.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { quoteIdentifier } from '../../../src/model/identifier.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { newestMajor } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

/** Each command of a text, as words of a shell in which steep does nothing. */
const pasted = (project: Project, text: string): readonly (readonly string[])[] => {
  const commands = [
    ...text.matchAll(/(?:\bsteep (?:verify|apply|plan|init|schema) |--allow-hazard )[^\n]*/g),
  ];
  return commands.map(([command]) => {
    const line = command.startsWith('--') ? `steep ${command}` : command;
    const script = `steep() { printf '%s\\n' "$@"; }\n${line}`;
    return execFileSync('bash', ['-c', script], { cwd: project.path('') })
      .toString()
      .split('\n');
  });
};

test('a shell runs nothing of a name, and reads it as it is', async () => {
  const table = `a$(touch ran)\`touch ran\`'b; touch ran`;
  const subscription = `s$(touch ran)'"; touch ran`;
  const [source, target] = [
    await cluster.database(newestMajor),
    await cluster.database(newestMajor),
  ];
  for (const database of [source, target]) {
    await database.query(`CREATE TABLE ${quoteIdentifier(table)} (id int PRIMARY KEY)`);
  }
  await source.query(`INSERT INTO ${quoteIdentifier(table)} VALUES (1)`);
  const project = await createProject(
    { source: source.url, target: target.url },
    {
      publications: { feed: { node: 'source', tables: ['public.*'] } },
      subscriptions: {
        [subscription]: {
          node: 'target',
          source: 'source',
          publications: ['feed'],
          slot: `s_${source.name}`,
        },
      },
      policy: { copy_confirm_above: '1B' },
    },
  );
  const address = `target/subscription.${subscription}`;
  const allowed = ['--allow-hazard', `RESYNC_COPY=${address}`];
  const refused = await project.steep('apply', '--auto-approve');
  const planned = pasted(project, refused.stdout + refused.stderr).flat();
  expect(planned).toContain(`RESYNC_COPY=${address}`);
  expect((await project.steep('apply', '--auto-approve', ...allowed)).code).toBe(0);
  await target.query(`DELETE FROM ${quoteIdentifier(table)}`);
  const { stdout } = await project.steep('drift', '--class', 'data');
  const found = pasted(project, stdout).flat();
  expect(found).toContain(address);
  expect(found).toContain(`public.${quoteIdentifier(table)}`);
  expect(existsSync(project.path('ran'))).toBe(false);
});
