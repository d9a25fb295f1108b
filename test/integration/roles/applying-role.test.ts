// A copy manually, by a role that has exactly what `steep doctor --grants` prints: functions of replication origins are
// not granted to PUBLIC.

import { expect, test } from 'vitest';
import { newestMajor } from '../../support/servers/majors.ts';
import { createGrantStage, seed } from '../../support/worlds/grant-stage.ts';
import { names, prepare } from '../../support/worlds/manual-init.ts';
import type { Project } from '../../support/worlds/project.ts';

test('the role of --grants completes a copy manually, and doctor misses the function that is not granted', async () => {
  const stage = await createGrantStage(newestMajor);
  const { reporting, roles } = stage;
  const steep = stage.as(roles.apply);
  await stage.describe(['shop.customers', 'shop.orders'], { init: { method: 'manual' } });
  await stage.grant('apply');
  const applied = await steep.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);

  const { run, end } = await prepare(steep);
  await reporting.query(seed);
  await run.said('is recorded.');
  await end();
  const done = await steep.steep('init', 'complete', ...names, '--auto-approve');
  expect(done.code, done.stdout + done.stderr).toBe(0);

  expect(await wrongRights(steep)).toEqual([]);
  await reporting.query(`REVOKE EXECUTE ON FUNCTION ${setsOrigin} FROM ${roles.apply}`);
  expect(await wrongRights(steep)).toMatchObject([{ check: 'right.origins', status: 'error' }]);
  await stage.grant('apply');
  expect(await wrongRights(steep)).toEqual([]);
});

test('an owner that revoked its own privileges cannot lock its tables: a rename is a block with the grant', async () => {
  const stage = await createGrantStage(newestMajor);
  const { primary, project, roles } = stage;
  const steep = stage.as(roles.apply);
  await stage.describe(['shop.orders']);
  await stage.grant('apply');
  const first = await steep.steep('apply', '--auto-approve');
  expect(first.code, first.stdout + first.stderr).toBe(0);

  await primary.query(`REVOKE ALL ON shop.orders FROM owner_${primary.name}, ${roles.apply}`);
  await project.write(
    'steep.yaml',
    `${(await project.read('steep.yaml')).replaceAll('sales', 'sold')}
renamed: [{ from: primary/publication.sales, to: primary/publication.sold }]\n`,
  );
  const refused = await steep.steep('apply', '--auto-approve');
  expect(refused.code, refused.stdout).toBe(3);
  expect(refused.stdout).toContain('lacks rights for LOCK TABLE shop.orders.');
  const [grant = ''] = /GRANT MAINTAIN ON shop\.orders TO \S+;/.exec(refused.stdout) ?? [];
  await primary.query(grant);
  const renamed = await steep.steep('apply', '--auto-approve');
  expect(renamed.code, renamed.stdout + renamed.stderr).toBe(0);
});

test('the roles of the queue: one adds operations and nothing else, the other one runs them', async () => {
  const stage = await createGrantStage(newestMajor);
  const { reporting, roles } = stage;
  await stage.describe(['shop.orders']);
  await stage.grant('worker');
  const steep = stage.as(roles.worker);
  const applied = await steep.steep('apply', '--auto-approve');
  expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  await stage.grant('queue');
  // The worker verifies, which reads what apply alone need not read.
  await stage.grant('worker');
  const as = ['-c', stage.urlAs(reporting, roles.queue), '--json'];
  const queue = stage.as(roles.queue);
  const added = await queue.steep(
    'verify',
    '--queue',
    `reporting/subscription.${stage.primary.name}`,
  );
  expect(added.code, added.stdout + added.stderr).toBe(0);
  const plan = await queue.steep('node', 'remove', 'reporting', ...as, '--auto-approve');
  expect(plan.code).not.toBe(0);
  const worker = await steep.steep('worker', '--once', '--node', 'reporting');
  expect(worker.code, worker.stdout + worker.stderr).toBe(0);
  const listed = await queue.steep('ops', 'list', '--node', 'reporting', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({
    operations: [{ operation: 'verify', status: 'complete', queued_by: roles.queue }],
  });
});

const setsOrigin = 'pg_replication_origin_advance(text, pg_lsn)';

interface Right {
  readonly check: string;
  readonly status: string;
}

async function wrongRights(steep: Project): Promise<readonly Right[]> {
  const { stdout } = await steep.steep('doctor', '--json');
  const { nodes } = JSON.parse(stdout) as {
    readonly nodes: readonly { readonly findings: readonly Right[] }[];
  };
  const rights = nodes.flatMap(({ findings }) =>
    findings.filter(({ check }) => check.startsWith('right.')),
  );
  expect(rights.length).toBeGreaterThan(5);
  return rights.filter(({ check, status }) => status !== 'ok' && check !== optional);
}

/** Not granted: connection strings hold passwords. */
const optional = 'right.connection_strings';
