// Every kind of drift of definitions, made manually on real servers and put back; and what is no drift: a fresh apply,
// edits of steep.yaml, changes that steep.yaml took over, what is not managed.

import { beforeAll, describe, expect, test } from 'vitest';
import type { DriftFinding, DriftReport } from '../../src/model/report/drift.ts';
import { runCommandsAlone } from '../support/hosted-cli.ts';
import { cluster } from '../support/servers/cluster.ts';
import { lastByDay, pairs } from '../support/servers/majors.ts';
import { waitFor } from '../support/servers/wait.ts';
import { type Change, changes, feedChanged } from '../support/worlds/drift-changes.ts';
import { createDriftWorld, type DriftWorld, topologyOf } from '../support/worlds/drift-world.ts';

runCommandsAlone();

/** What a finding says is not as it was applied. */
const brief = ({ address, code, details }: DriftFinding) => [
  address,
  code,
  details.map(({ field }) => field),
];

const topologyOnly = ['topology'] as const;

const tested = pairs.filter(([from, to]) => (from === 14 || from === 18) && to === 18);

describe.each(lastByDay(tested))('PostgreSQL %i to %i', (from, to) => {
  let world: DriftWorld;

  const run = async (on: Change['on'], statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await world[on].query(statement);
  };

  beforeAll(async () => {
    world = await createDriftWorld(await cluster.server(from), await cluster.server(to));
  });

  test('nothing right after apply', async () => {
    const report = await world.drift(['topology', 'schema', 'runtime']);
    const { feed } = world;
    expect(report).toMatchObject({
      outcome: 'none',
      findings: [],
      pending: [],
      adopted: [],
      unchecked: [],
      warnings: [],
      classes: [
        {
          class: 'topology',
          addresses: [
            'primary/publication.sales',
            'primary/publication.spare',
            `primary/slot.${feed}`,
            `reporting/subscription.${feed}`,
          ],
        },
        {
          class: 'schema',
          addresses: [
            'primary/table.public.customers',
            'primary/table.public.orders',
            'reporting/table.public.customers',
            'reporting/table.public.orders',
          ],
        },
        { class: 'runtime', addresses: [`primary/slot.${feed}`, `reporting/subscription.${feed}`] },
      ],
    });
  });

  const possible = changes.filter(({ on, since = 0 }) => (on === 'primary' ? from : to) >= since);

  test.each(possible)('drift: $what', async ({ on, statements, back, found }) => {
    await run(on, statements(world.feed, world));
    const report = await world.drift(topologyOnly);
    await run(on, back(world.feed, world));
    expect(report.findings.map(brief)).toEqual(found(world.feed));
    expect(report.outcome).toBe('drift');
    for (const { applied: base, cure } of report.findings) {
      expect(base?.runId).toMatch(/^[0-9a-f-]{36}$/);
      expect(Date.parse(base?.appliedAt ?? '')).toBeGreaterThan(Date.now() - 600_000);
      expect(cure.length).toBeGreaterThan(0);
    }
    expect(JSON.stringify(report)).not.toContain(world.primary.conninfo.get('password'));
    expect((await world.drift(topologyOnly)).findings).toEqual([]);
  });

  // A table that was taken out of a publication above and put back stays a gap, of the class runtime.
  test('what is not managed is no drift', async () => {
    await run('primary', ['CREATE PUBLICATION foreign_one FOR TABLE extra']);
    const report = await world.drift(topologyOnly);
    await run('primary', ['DROP PUBLICATION foreign_one']);
    expect([report.outcome, report.findings]).toEqual(['none', []]);
  });

  test('edits of steep.yaml are pending', async () => {
    const { feed } = world;
    const { publications } = topologyOf(feed, from);
    await world.describe({
      publications: {
        sales: { ...publications.sales, publish: ['insert'] },
        late: publications.spare,
      },
      subscriptions: {
        [feed]: { node: 'reporting', source: 'primary', publications: ['sales'], protect: true },
      },
    });
    const report = await world.drift(topologyOnly);
    await world.describe();
    expect([report.outcome, report.findings]).toEqual(['none', []]);
    expect(report.pending).toEqual([
      { address: 'primary/publication.late', edit: 'new' },
      { address: 'primary/publication.sales', edit: 'changed' },
      { address: 'primary/publication.spare', edit: 'left' },
      { address: `reporting/subscription.${feed}`, edit: 'changed' },
    ]);
  });

  test('another password in the environment is pending', async () => {
    const { primary, feed } = world;
    const url = `${primary.url}?application_name=steep_test`;
    const report = await world.drift(topologyOnly, { environment: { PRIMARY_URL: url } });
    expect(report.findings).toEqual([]);
    expect(report.pending).toEqual([
      { address: `reporting/subscription.${feed}`, edit: 'changed' },
    ]);
  });

  test('a change that steep.yaml took over is no drift any more', async () => {
    const { publications } = topologyOf(world.feed, from);
    await run('primary', ['ALTER PUBLICATION spare ADD TABLE customers']);
    const spare = { node: 'primary', tables: ['customers', 'extra'] };
    await world.describe({ publications: { ...publications, spare } });
    const report = await world.drift(topologyOnly);
    await run('primary', ['ALTER PUBLICATION spare DROP TABLE customers']);
    await world.describe();
    expect(report).toMatchObject({
      outcome: 'none',
      findings: [],
      pending: [],
      adopted: ['primary/publication.spare'],
    });
  });

  test('rules silence drift until their last day', async () => {
    await world.describe({
      drift: {
        ignore: [
          { address: 'primary/publication.sp*', reason: 'under repair', until: '2026-03-31' },
        ],
      },
    });
    await run('primary', ['ALTER PUBLICATION spare ADD TABLE customers']);
    const onLastDay = await world.drift(topologyOnly, { today: '2026-03-31' });
    const dayAfter = await world.drift(topologyOnly, { today: '2026-04-01' });
    await run('primary', ['ALTER PUBLICATION spare DROP TABLE customers']);
    await world.describe();
    expect(onLastDay).toMatchObject({ outcome: 'none', findings: [], warnings: [] });
    expect(onLastDay.ignored.map(({ finding, rule }) => [finding.address, rule.reason])).toEqual([
      ['primary/publication.spare', 'under repair'],
    ]);
    expect(dayAfter).toMatchObject({
      outcome: 'drift',
      ignored: [],
      findings: [{ address: 'primary/publication.spare' }],
      warnings: [{ code: 'DRIFT_RULE_EXPIRED', severity: 'warning' }],
    });
  });

  test('a node that cannot be read makes the answer incomplete, whatever was found', async () => {
    await run('reporting', [`ALTER SUBSCRIPTION ${world.feed} DISABLE`]);
    const environment = { PRIMARY_URL: 'postgresql://x@127.0.0.1:1/x?connect_timeout=2' };
    const report: DriftReport = await world.drift(['topology'], { environment });
    await run('reporting', [`ALTER SUBSCRIPTION ${world.feed} ENABLE`]);
    expect(report.outcome).toBe('incomplete');
    expect(report.nodes).toMatchObject([
      { name: 'primary', error: { code: 'UNREACHABLE' } },
      { name: 'reporting', error: null },
    ]);
    expect(report.findings.map(brief)).toEqual(feedChanged('enabled')(world.feed));
  });

  test('a subscription and a slot that are gone', async () => {
    const { feed } = world;
    await run('reporting', [
      `ALTER SUBSCRIPTION ${feed} DISABLE`,
      `ALTER SUBSCRIPTION ${feed} SET (slot_name = NONE)`,
      `DROP SUBSCRIPTION ${feed}`,
    ]);
    const orphaned = await world.drift();
    expect(orphaned.findings.map(brief)).toEqual([
      [`reporting/subscription.${feed}`, 'DRIFT_GONE', []],
      [`primary/slot.${feed}`, 'ORPHAN_SLOT', []],
    ]);
    await waitFor('the slot to be free', async () => {
      const drop = world.primary.query(`SELECT pg_drop_replication_slot('${feed}')`);
      return drop.then(() => true).catch(() => false);
    });
    const { findings } = await world.drift();
    expect(findings.map(brief)).toEqual([
      [`primary/slot.${feed}`, 'DRIFT_GONE', []],
      [`reporting/subscription.${feed}`, 'DRIFT_GONE', []],
    ]);
  });

  test('steep_repl dropped: the other node still tells', async () => {
    await run('primary', ['DROP SCHEMA steep_repl CASCADE']);
    const { findings, pending } = await world.drift(topologyOnly);
    expect(findings.map(brief)).toContainEqual([
      'primary/metadata.steep_repl',
      'METADATA_LOST',
      [],
    ]);
    expect(pending).toContainEqual({ address: 'primary/publication.sales', edit: 'new' });
  });
});
