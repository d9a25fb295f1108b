// A publication of a pair that was dropped and created again: the block of --reinit says what to do by hand, and that works.

import { expect, test } from 'vitest';
import { majors } from '../../support/servers/majors.ts';
import { assertEqual, createPair, onServers, pairOf } from '../../support/worlds/pair.ts';

const newest = Math.max(...majors);

test.runIf(newest >= 18)('rows that one node lacks are copied as the block says', async () => {
  const world = await createPair(await onServers(newest, newest));
  const { us, eu, project, name } = world;
  const steep = async (exit: number, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await project.steep(...args);
    expect(code, stdout + stderr).toBe(exit);
    return stdout + stderr;
  };
  await steep(0, 'apply', '--auto-approve');
  await us.query(`DROP PUBLICATION ${name}_from_us`);
  await us.query("INSERT INTO accounts VALUES (7001, 'not sent')");
  await us.query(
    `CREATE PUBLICATION ${name}_from_us FOR TABLE accounts, log WITH (publish_via_partition_root = false)`,
  );
  const said = await steep(8, 'apply', '--auto-approve');
  const [, address = ''] = /steep apply --reinit (\S+accounts)/.exec(said) ?? [];
  const refused = await steep(3, 'apply', '--auto-approve', '--reinit', address);
  expect(refused).toContain(
    `Remove the tables from pair ${name} in steep.yaml, and apply. Save rows that only node eu has, and empty the tables there`,
  );
  const dangers = (text: string): readonly string[] =>
    [...text.matchAll(/--allow-hazard (\S+)/g)].flatMap(([, it = '']) => ['--allow-hazard', it]);
  const applied = async (tables: readonly string[]): Promise<void> => {
    await project.describe(pairOf(name, tables));
    const { stdout } = await project.steep('plan');
    await project.steep('apply', '--auto-approve', ...dangers(stdout));
  };
  await applied(['log']);
  await eu.query('TRUNCATE accounts');
  await applied(['log', 'accounts']);
  await assertEqual(world);
});
