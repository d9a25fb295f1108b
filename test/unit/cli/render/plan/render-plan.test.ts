// What a plan looks like. The snapshots are the contract with readers; the last line with pipelines.

import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { renderPlan } from '../../../../../src/cli/render/plan/render-plan.ts';
import { createStyle, plainStyle } from '../../../../../src/cli/render/style.ts';
import {
  change,
  hazard,
  observing,
  plan,
  sentences,
  step,
} from '../../../../support/plans/plans.ts';
import { documentedPlan, richPlan } from '../../../../support/plans/sample-plans.ts';

const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1);

test('the documented plan', () => {
  expect(renderPlan(documentedPlan(), plainStyle)).toMatchInlineSnapshot(`
    "steep will perform 5 steps on 2 nodes.        + create  ~ change in place  - drop  > copy data
    Sizes, rows, positions and lag as of 2026-01-31T12:00:00.000Z.

    node primary (10.0.0.4:5432/app, PostgreSQL 16.9)
      ~ publication.sales                                     # 1 table added
          tables: + public.refunds
          ! warning  RESYNC_COPY  public.refunds: 18.4 M rows, 41.2 GB, about 8-14 min

    node reporting (10.0.1.9:5432/app, PostgreSQL 17.5)
      - subscription.legacy_feed                              # removed: drop, steep.yaml:41
          ! DANGER   SLOT_DROP    discards slot legacy_feed at 3/4410B20 with 12.4 GB of unread WAL;
                                  subscribing again needs a full copy of 7 tables (96 GB)
      ~ subscription.sales_reporting                          # in place, slot kept at 3/5A0F1C8 (lag 1.2 MB)
          connection: *** (before) -> *** (after)
      > table public.refunds                                  # initial copy, for sales_reporting, 18.4 M rows, 41.2 GB
    Steps
      1 primary    ALTER PUBLICATION sales ADD TABLE public.refunds         tx     SHARE UPDATE EXCLUSIVE, at most 2 s
      2 reporting  ALTER SUBSCRIPTION sales_reporting CONNECTION '***'      tx
      3 reporting  ALTER SUBSCRIPTION sales_reporting REFRESH PUBLICATION…  no tx
      4 reporting  wait until public.refunds is ready
      5 reporting  DROP SUBSCRIPTION legacy_feed                            no tx, irreversible

    Destructive or dangerous:
      - reporting/subscription.legacy_feed  SLOT_DROP
        allow with: --allow-hazard SLOT_DROP=reporting/subscription.legacy_feed
    plan sha256:8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f for primary@7710…245, reporting@7710…258
    Plan: 0 to create, 2 to change, 0 to replace, 1 to drop. 1 table (41.2 GB) to copy. Hazards: 1 danger, 1 warning."
  `);
});

test('every action and severity, and a plan that is incomplete', () => {
  expect(renderPlan(richPlan(), plainStyle)).toMatchInlineSnapshot(`
    "steep will perform 1 step on 1 node.          + create  ~ change in place  -/+ replace  - drop  > copy data  = adopt  ? no longer in steep.yaml
    Sizes, rows, positions and lag as of 2026-01-31T12:00:00.000Z.

    node primary (10.0.0.4:5432/app, PostgreSQL 16.9)
      at primary/slot.cdc
          ! warning  WAL_RETENTION             unknown: nothing was read
      + publication.all                                       # 2 tables
          ! BLOCK    REPLICA_IDENTITY_MISSING  Add a primary key to public.log.
                                               UPDATE and DELETE on public.log would fail
          ! notice   LOCK_SHARE_UPDATE         SHARE UPDATE EXCLUSIVE on 2 tables
      - publication.old
          ! DANGER   PUBLICATION_GAP           subscription feed on node reporting reads it
      = slot.sales                                            # already exists, its position is kept

    node reporting (10.0.1.9:5432/app, PostgreSQL 17.5)
      -/+ subscription.o'brien feed                           # two_phase cannot be altered before PostgreSQL 18
          ! DANGER   SUBSCRIPTION_REPLACE      discards slot o_brien with 1.0 GB of unread WAL
      > table public.a                                        # initial copy, for o'brien feed, 950 rows, 8.0 kB
      > table public.b                                        # initial copy, for o'brien feed, rows unknown, size unknown
    Steps
      1 primary  CREATE PUBLICATION "all" FOR TABLE public.log  tx

    No longer in steep.yaml (kept; drop with --prune)
      ? reporting/subscription.gone

    error: The server cannot be reached  UNREACHABLE
      at archive/node.archive
      Node archive: connection refused at 10.0.2.2:5432.
      Try this:
        pg_isready -h 10.0.2.2 -p 5432

    This plan is incomplete and cannot be applied: correct the errors above, and plan again.

    Destructive or dangerous:
      ! primary/publication.all  REPLICA_IDENTITY_MISSING
        cannot be allowed: Add a primary key to public.log.
      - primary/publication.old  PUBLICATION_GAP
        allowed by policy.allow_hazards
      -/+ reporting/subscription.o'brien feed  SUBSCRIPTION_REPLACE
        allow with: --allow-hazard 'SUBSCRIPTION_REPLACE=reporting/subscription.o'\\''brien feed'
    plan sha256:8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f for primary@7710…245, reporting@7710…258, archive@unknown
    Plan: 1 to create, 1 to change, 1 to replace, 1 to drop. 2 tables (at least 8.0 kB) to copy. Hazards: 1 block, 2 dangers, 1 warning, 1 notice."
  `);
});

test('--summary leaves the nodes and steps out, and keeps recap and last line', () => {
  expect(renderPlan(documentedPlan(), plainStyle, { summary: true })).toMatchInlineSnapshot(`
    "steep will perform 5 steps on 2 nodes.        + create  ~ change in place  - drop  > copy data
    Sizes, rows, positions and lag as of 2026-01-31T12:00:00.000Z.

    Destructive or dangerous:
      - reporting/subscription.legacy_feed  SLOT_DROP
        allow with: --allow-hazard SLOT_DROP=reporting/subscription.legacy_feed
    plan sha256:8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f for primary@7710…245, reporting@7710…258
    Plan: 0 to create, 2 to change, 0 to replace, 1 to drop. 1 table (41.2 GB) to copy. Hazards: 1 danger, 1 warning."
  `);
});

test('--sql prints whole statements', () => {
  const text = renderPlan(documentedPlan(), plainStyle, { sql: true });
  expect(text).toContain("-- node reporting\nSET search_path = '';");
  expect(text).toContain(
    '-- step 2: the file asks for reporting/subscription.sales_reporting\nBEGIN;\n',
  );
  expect(text).toContain(
    'ALTER SUBSCRIPTION sales_reporting REFRESH PUBLICATION WITH (copy_data = true);\n',
  );
  expect(text).toContain('\n-- wait until public.refunds is ready\n');
  expect(lastLine(text)).toMatch(/^Plan: /);
});

test('a long statement is cut without --sql only', () => {
  const tables = Array.from({ length: 50 }, (_, index) => `public.table_${index}`).join(', ');
  const long = plan({
    steps: [step('primary/publication.p', [`CREATE PUBLICATION p FOR TABLE ${tables}`])],
  });
  expect(renderPlan(long, plainStyle)).toMatch(/CREATE PUBLICATION .*… {2}tx$/m);
  expect(renderPlan(long, plainStyle, { sql: true })).toContain(`${tables};`);
});

describe('no changes', () => {
  test('is one line', () => {
    expect(renderPlan(plan(), plainStyle)).toBe(
      'No changes. The topology matches steep.yaml. (4 nodes, 6 subscriptions, 212 tables checked in 1.3 s)',
    );
  });

  test('does not hide a slot that is lost', () => {
    const lost = hazard('SLOT_LOST', 'block', 'primary/slot.sales', 'Create it again.');
    const text = renderPlan(plan({ standing: [lost] }), plainStyle);
    expect(text).toContain('! BLOCK    SLOT_LOST  Create it again.');
    expect(lastLine(text)).toMatch(/^No changes\./);
  });

  test('is never said of a node that could not be read', () => {
    const [error] = richPlan().errors;
    if (error === undefined) throw new Error('the fixture has no error');
    const text = renderPlan(plan({ errors: [error], applyable: false }), plainStyle);
    expect(text).not.toContain('No changes');
    expect(text).toContain('This plan is incomplete');
    expect(lastLine(text)).toMatch(/^Plan: 0 to create/);
  });
});

test('the last line keeps its zero parts', () => {
  const text = renderPlan(
    plan({ changes: [change('primary/publication.p', 'create')] }),
    plainStyle,
  );
  expect(lastLine(text)).toBe(
    'Plan: 1 to create, 0 to change, 0 to replace, 0 to drop. 0 tables to copy. Hazards: 0 dangers, 0 warnings.',
  );
});

test('a remedy of several lines is on lines of its own in the recap, to copy', () => {
  const address = 'primary/node.primary';
  const privilege = hazard('PRIVILEGE', 'block', address, 'GRANT a TO b;\nGRANT c TO b;');
  const text = renderPlan(
    plan({
      changes: [change(address, 'create', { hazards: [privilege] })],
      steps: [step(address, [])],
      applyable: false,
    }),
    plainStyle,
  );
  expect(text).toContain('    cannot be allowed:\n      GRANT a TO b;\n      GRANT c TO b;\n');
});

describe('copies', () => {
  const copies = Array.from({ length: 25 }, (_, index) =>
    change(`reporting/copy.feed:public.t${String(index).padStart(2, '0')}`, 'copy', {
      hazards: [hazard('COPY_INTO_NONEMPTY', 'danger', `reporting/copy.feed:public.t${index}`)],
    }),
  );
  const text = renderPlan(plan({ changes: copies }), plainStyle);

  test('shows 20 tables and counts the rest', () => {
    expect(text.match(/^ {2}> table public/gm)).toHaveLength(20);
    expect(text).toContain('  > … and 5 more');
  });

  test('never cuts the recap', () => {
    expect(text.match(/--allow-hazard COPY_INTO_NONEMPTY=/g)).toHaveLength(25);
  });

  test('says what is not known of the size', () => {
    expect(lastLine(text)).toContain('25 tables (size unknown) to copy');
    const some = plan({
      changes: copies,
      observed: observing({
        copies: { 'reporting/copy.feed:public.t00': { rows: 1, bytes: 8192, seconds: null } },
      }),
    });
    expect(lastLine(renderPlan(some, plainStyle))).toContain('25 tables (at least 8.0 kB) to copy');
  });
});

test.each([
  ['reporting/subscription.feed', 'SLOT_DROP=reporting/subscription.feed'],
  ['reporting/copy.feed:public.t', 'SLOT_DROP=reporting/copy.feed:public.t'],
  ['reporting/subscription.two words', "'SLOT_DROP=reporting/subscription.two words'"],
  ['reporting/subscription.$(reboot)', "'SLOT_DROP=reporting/subscription.$(reboot)'"],
  ["reporting/subscription.o'brien", "'SLOT_DROP=reporting/subscription.o'\\''brien'"],
  ['reporting/subscription.a\u001bb', "$'SLOT_DROP=reporting/subscription.a\\x1bb'"],
  ['reporting/subscription.naïve', "'SLOT_DROP=reporting/subscription.naïve'"],
])('the flag for %s is ready to paste', (address, flag) => {
  const dangerous = plan({ standing: [hazard('SLOT_DROP', 'danger', address)] });
  expect(renderPlan(dangerous, plainStyle)).toContain(`\n    allow with: --allow-hazard ${flag}\n`);
});

test('colour adds nothing but colour', () => {
  const style = createStyle({ isTTY: true, env: {} });
  for (const value of [documentedPlan(), richPlan()]) {
    const colored = renderPlan(value, style);
    expect(colored).not.toBe(stripVTControlCharacters(colored));
    expect(stripVTControlCharacters(colored)).toBe(renderPlan(value, plainStyle));
  }
});

test('names from a server cannot control the terminal', () => {
  const evil = hazard('SLOT_DROP', 'danger', 'reporting/subscription.a\u001b[2Jb');
  const text = renderPlan(
    plan({
      changes: [
        change('reporting/subscription.a\u001b[2Jb', 'drop', {
          details: [{ field: 'where', before: '\u001b]0;x\u0007', after: '\r' }],
          hazards: [evil],
        }),
      ],
      observed: observing({ hazards: sentences([evil, 'gone\u001b[1A']) }),
    }),
    plainStyle,
  );
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
});
