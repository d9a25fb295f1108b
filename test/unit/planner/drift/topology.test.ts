// Which differences of definitions are drift, and which are pending, adopted or unmanaged.

import { describe, expect, test } from 'vitest';
import type { DriftReport } from '../../../../src/model/report/drift.ts';
import type { Resource } from '../../../../src/model/state/resource.ts';
import type { DriftInput } from '../../../../src/planner/drift/drift-context.ts';
import {
  appliedAs,
  by,
  compare,
  desired,
  feed,
  live,
  sales,
  salesSpec,
  slot,
} from '../../../support/plans/drifts.ts';
import { liveState, nodeState, server } from '../../../support/worlds/worlds.ts';

const topology = (input: Partial<DriftInput>): DriftReport =>
  compare({ classes: ['topology'], ...input });

const changed = (primary: readonly Resource[], reporting: readonly Resource[] = [feed()]) =>
  topology({ live: live({ primary, reporting }) }).findings;

test('nothing, as it was applied', () => {
  const report = compare();
  expect(report).toMatchObject({
    outcome: 'none',
    findings: [],
    pending: [],
    adopted: [],
    unchecked: [],
  });
  expect(report.classes.map((it) => it.class)).toEqual(['topology', 'schema', 'runtime', 'data']);
});

test('a class that was not asked for is not in the report', () => {
  expect(compare({ classes: ['runtime'] }).classes.map(({ class: name }) => name)).toEqual([
    'runtime',
  ]);
});

describe('publications', () => {
  test('each field, what was applied before what is live', () => {
    const [customers] = salesSpec.tables;
    const tables = customers === undefined ? [] : [{ ...customers, where: 'id > 5' }];
    const spec = {
      tables,
      schemas: ['billing'],
      publish: ['insert'],
      viaPartitionRoot: true,
    } as const;
    expect(changed([sales(spec), slot()])).toEqual([
      {
        class: 'topology',
        code: 'DRIFT_CHANGED',
        address: 'primary/publication.sales',
        node: 'primary',
        summary: 'The publication sales differs from what was applied.',
        details: [
          { field: 'tables', added: [], removed: ['public.orders'] },
          {
            field: 'public.customers',
            before: 'public.customers',
            after: 'public.customers where id > 5',
          },
          { field: 'schemas', added: ['billing'], removed: [] },
          { field: 'publish', before: 'insert, update, delete, truncate', after: 'insert' },
          { field: 'publish_via_partition_root', before: 'false', after: 'true' },
        ],
        applied: by,
        cure: ['To put it back: steep plan', 'To keep it: write it into steep.yaml.'],
      },
    ]);
  });

  test('FOR ALL TABLES is no removal of every table', () => {
    const [found] = changed([sales({ allTables: true, tables: [] }), slot()]);
    expect(found?.details).toEqual([
      { field: 'tables', before: 'an explicit list', after: 'all tables' },
    ]);
  });
});

describe('subscriptions and slots', () => {
  test('each field', () => {
    const spec = { enabled: false, publications: ['other'], slot: null };
    const options = { ...feed().spec.options, origin: 'none', unheard_of: 'x' };
    const asApplied = { live: false, file: true };
    const [found] = changed([sales(), slot()], [feed({ ...spec, options }, { asApplied })]);
    expect(found?.details).toEqual([
      { field: 'connection', before: '*** (applied)', after: '*** (live)' },
      { field: 'enabled', before: 'true', after: 'false' },
      { field: 'publications', before: 'sales', after: 'other' },
      { field: 'slot', before: 'feed', after: 'none' },
      { field: 'origin', before: 'any', after: 'none' },
    ]);
  });

  test('gone', () => {
    expect(changed([sales()], []).map(({ address, code }) => [address, code])).toEqual([
      ['primary/slot.feed', 'DRIFT_GONE'],
      ['reporting/subscription.feed', 'DRIFT_GONE'],
    ]);
  });

  test('it may have disabled itself', () => {
    const options = { ...feed().spec.options, disable_on_error: 'true' };
    const itself = feed({ enabled: false, options }, { applyErrors: 1 });
    const applied = appliedAs(sales(), slot(), feed({ options }));
    const report = topology({ live: live({ reporting: [itself], applied }) });
    expect(report.findings[0]?.summary).toContain('may have disabled itself');
  });

  test('a connection that cannot be compared is said', () => {
    const asApplied = { live: null, file: true };
    const of = (secretInCatalog: boolean | null) =>
      topology({ live: live({ reporting: [feed({}, { asApplied, secretInCatalog })] }) });
    expect(of(null).unchecked).toMatchObject([
      { what: 'connection', why: expect.stringContaining('GRANT SELECT') },
    ]);
    expect(of(false)).toMatchObject({
      outcome: 'none',
      unchecked: [{ why: expect.stringContaining('did not write it') }],
    });
  });

  test('a row that is not one is said, and claims nothing', () => {
    const applied = appliedAs(sales(), slot(), feed()).map((row) => ({ ...row, spec: null }));
    const report = topology({ live: live({ applied, primary: [sales({ publish: [] }), slot()] }) });
    expect(report.findings).toEqual([]);
    expect(report.unchecked.map(({ what }) => what)).toEqual([
      'everything',
      'everything',
      'everything',
    ]);
  });
});

describe('ownership', () => {
  const lost = [{ address: 'primary/publication.sales', ...by }];
  const withoutRow = appliedAs(slot(), feed());

  test('a row that is gone, of an object that the file asks for', () => {
    const report = topology({ lost, live: live({ applied: withoutRow }) });
    expect(report.findings).toMatchObject([{ code: 'OWNERSHIP_LOST', applied: by }]);
    expect(report.pending).toEqual([]);
  });

  test('an object that is no longer in steep.yaml and has no row is unmanaged', () => {
    const report = topology({
      lost,
      live: live({ applied: withoutRow }),
      desired: desired({ publications: [] }),
    });
    expect(report.findings).toEqual([]);
  });

  test.each([
    ['publisher', 'primary', appliedAs(feed())],
    ['subscriber', 'reporting', appliedAs(sales(), slot())],
  ])('the whole schema of the %s', (_which, node, applied) => {
    const states = { [node]: { server: server({ metadataVersion: 0 }) } };
    const { findings } = topology({ live: live({ applied, states }) });
    expect(findings).toMatchObject([
      { code: 'METADATA_LOST', address: `${node}/metadata.steep_repl` },
    ]);
  });

  test('a node to which nothing was ever applied lost nothing', () => {
    const nothing = { server: server({ metadataVersion: 0 }) };
    const states = { primary: nothing, reporting: nothing };
    const report = topology({
      live: live({ applied: [], primary: [], reporting: [], states }),
    });
    expect(report.findings).toEqual([]);
    expect(report.pending.map(({ edit }) => edit)).toEqual(['new', 'new', 'new']);
  });
});

test('a node that could not be read: incomplete, and nothing is said of its edges', () => {
  const unread = {
    severity: 'error',
    code: 'UNREACHABLE',
    summary: '',
    detail: 'no answer',
  } as const;
  const { reporting } = live().nodes;
  const state = liveState(reporting ?? nodeState('reporting'));
  const report = compare({ live: { ...state, unreadable: { primary: unread } } });
  expect(report).toMatchObject({ outcome: 'incomplete', findings: [], pending: [] });
  expect(report.nodes[0]).toEqual({
    name: 'primary',
    error: { code: 'UNREACHABLE', message: 'no answer' },
  });
});
