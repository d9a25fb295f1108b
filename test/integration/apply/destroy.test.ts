// apply --destroy as users run it: refused without consent, from a saved plan, and nothing left of steep.

import { expect, test } from 'vitest';
import { createEdge } from '../../support/worlds/edge.ts';

test('--destroy drops what steep owns, and steep_repl last', async () => {
  const edge = await createEdge();
  const { project, publisher, subscriber, slot } = edge;
  await publisher.query('CREATE PUBLICATION others FOR TABLE items');
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);

  const plan = await project.steep('plan', '--destroy', '--out', project.path('destroy.plan'));
  expect(plan.code).toBe(0);
  expect(plan.stdout).toContain('audit log');

  const refused = await project.steep('apply', '--destroy', '--auto-approve');
  expect(refused.code).toBe(3);
  const dangers = [
    `SLOT_DROP=publisher/slot.${slot}`,
    'METADATA_DROP=publisher/metadata.steep_repl',
    'METADATA_DROP=subscriber/metadata.steep_repl',
  ];
  for (const danger of dangers) expect(refused.stderr).toContain(danger);

  const allowed = dangers.flatMap((danger) => ['--allow-hazard', danger]);
  const { code, stderr } = await project.steep('apply', project.path('destroy.plan'), ...allowed);
  expect(code, stderr).toBe(0);

  const left = await publisher.query<{ readonly name: string }>(
    `SELECT pubname::text AS name FROM pg_publication
      UNION ALL SELECT slot_name FROM pg_replication_slots WHERE database = current_database()
      UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'steep_repl'`,
  );
  expect(left).toEqual([{ name: 'others' }]);
  expect(
    await subscriber.query(`SELECT FROM pg_namespace WHERE nspname = 'steep_repl'`),
  ).toHaveLength(0);

  const nothing = await project.steep('plan', '--destroy', '--detailed-exitcode');
  expect(nothing.stdout).toContain('No changes. steep manages nothing here.');
  expect(nothing.code).toBe(0);
  const again = await project.steep('plan', '--detailed-exitcode');
  // The table of the subscriber has rows, so that the plan is blocked.
  expect(again.code).toBe(3);
  expect(again.stdout).toContain('+ publication.items');
});

test('a view of another owner on steep_repl is not taken along', async () => {
  const { project, publisher, slot } = await createEdge();
  expect((await project.steep('apply', '--auto-approve')).code).toBe(0);
  await publisher.query('CREATE VIEW who_did_it AS SELECT * FROM steep_repl.audit_log');
  const destroy = [
    'apply',
    '--destroy',
    '--auto-approve',
    ...[
      `SLOT_DROP=publisher/slot.${slot}`,
      'METADATA_DROP=publisher/metadata.steep_repl',
      'METADATA_DROP=subscriber/metadata.steep_repl',
    ].flatMap((danger) => ['--allow-hazard', danger]),
  ];
  const kept = await project.steep(...destroy);
  expect(kept.code).toBe(6);
  expect(kept.stdout + kept.stderr).toContain('who_did_it');
  await publisher.query('DROP VIEW who_did_it');
  const again = await project.steep(...destroy);
  expect(again.code, again.stderr).toBe(0);
});
