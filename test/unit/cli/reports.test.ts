// The reports: markdown that fits into a comment whatever the plan, SQL that runs, JSON as the plan file.

import { describe, expect, test } from 'vitest';
import { renderJsonReport } from '../../../src/cli/reports/json.ts';
import { cutMiddle, markdownLimit, renderMarkdown } from '../../../src/cli/reports/markdown.ts';
import { renderSqlReport } from '../../../src/cli/reports/sql.ts';
import { change, hazard, plan, step } from '../../support/plans/plans.ts';
import { documentedPlan, richPlan } from '../../support/plans/sample-plans.ts';

const many = (count: number, name: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => {
    const address = `reporting/${name(index)}`;
    return {
      change: change(address, 'drop', {
        summary: 'no longer in steep.yaml',
        hazards: [hazard('SLOT_DROP', 'danger', address, 'Detach it instead.')],
      }),
      step: step(address, [`DROP SUBSCRIPTION feed_${index}`]),
    };
  });

const planOf = (parts: ReturnType<typeof many>) =>
  plan({ changes: parts.map((it) => it.change), steps: parts.map((it) => it.step) });

describe('markdown', () => {
  test('of the documented plan', async () => {
    await expect(renderMarkdown(documentedPlan())).toMatchFileSnapshot(
      './snapshots/documented-plan.md',
    );
  });

  test('of a plan that cannot be applied says why before anything else', () => {
    const text = renderMarkdown(richPlan());
    expect(text.indexOf('This plan is incomplete')).toBeGreaterThan(0);
    expect(text.indexOf('This plan is incomplete')).toBeLessThan(text.indexOf('node primary'));
  });

  test('without changes is the marker and the line', () => {
    expect(renderMarkdown(plan())).toMatch(/^<!-- steep:plan -->\n## steep plan\n\nNo changes\./);
  });

  test.each([100, 1000])('of %i drops is short, with every danger and the last line', (count) => {
    const text = renderMarkdown(planOf(many(count, (index) => `subscription.feed_${index}`)));
    expect(text.length).toBeLessThan(markdownLimit);
    for (let index = 0; index < count; index += 1) {
      expect(text).toContain(`\n  - reporting/subscription.feed_${index}  SLOT_DROP\n`);
    }
    expect(text.endsWith(`Hazards: ${count} dangers, 0 warnings.\n`)).toBe(true);
  });

  test('of 1000 resources says how much is cut', () => {
    const text = renderMarkdown(planOf(many(1000, (index) => `subscription.feed_${index}`)));
    expect(text).toMatch(/… \d+ lines left out;/);
    expect(text.match(/^```/gm)).toHaveLength(6);
    expect(text.match(/<\/?details>/g)).toEqual(['<details>', '</details>']);
  });

  test('cannot be left by a name with backticks', () => {
    const text = renderMarkdown(plan({ changes: [change('reporting/slot.```', 'drop')] }));
    expect(text).toContain('\n````\nnode reporting');
  });

  test('stays short with a statement of 100,000 characters', () => {
    const huge = plan({
      steps: [step('primary/publication.p', [`SELECT '${'x'.repeat(100_000)}'`])],
    });
    expect(renderMarkdown(huge).length).toBeLessThan(markdownLimit);
  });
});

test('cutMiddle keeps both ends', () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
  const cut = cutMiddle(lines, 500);
  expect(cut.join('\n').length).toBeLessThanOrEqual(500);
  expect(cut[0]).toBe('line 0');
  expect(cut.at(-1)).toBe('line 999');
  const left = Number(/… (\d+) lines/.exec(cut.join('\n'))?.[1]);
  expect(left + cut.length - 1).toBe(1000);
});

test('the SQL report is a script', () => {
  expect(renderSqlReport(documentedPlan())).toMatchInlineSnapshot(`
    "-- steep plan sha256:8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f8c1f
    -- Plan: 0 to create, 2 to change, 0 to replace, 1 to drop. 1 table (41.2 GB) to copy. Hazards: 1 danger, 1 warning.
    -- steep apply also checks each server, takes locks with a timeout and records what it manages.

    -- node primary
    SET search_path = ''; SET quote_all_identifiers = 'off'; SET datestyle = 'ISO,MDY';
    SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET timezone_abbreviations = 'Default';
    SET extra_float_digits = '1'; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET array_nulls = 'on';
    SET xmloption = 'content'; SET xmlbinary = 'base64'; SET transform_null_equals = 'off';
    SET standard_conforming_strings = 'on'; SET row_security = 'off'; SET gin_fuzzy_search_limit = '0';
    SET constraint_exclusion = 'off'; SET debug_print_parse = 'off'; SET debug_print_rewritten = 'off';
    SET debug_print_plan = 'off';
    -- step 1: the file asks for primary/publication.sales
    BEGIN;
    ALTER PUBLICATION sales ADD TABLE public.refunds;
    COMMIT;

    -- node reporting
    SET search_path = ''; SET quote_all_identifiers = 'off'; SET datestyle = 'ISO,MDY';
    SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET timezone_abbreviations = 'Default';
    SET extra_float_digits = '1'; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET array_nulls = 'on';
    SET xmloption = 'content'; SET xmlbinary = 'base64'; SET transform_null_equals = 'off';
    SET standard_conforming_strings = 'on'; SET row_security = 'off'; SET gin_fuzzy_search_limit = '0';
    SET constraint_exclusion = 'off'; SET debug_print_parse = 'off'; SET debug_print_rewritten = 'off';
    SET debug_print_plan = 'off';
    -- step 2: the file asks for reporting/subscription.sales_reporting
    BEGIN;
    ALTER SUBSCRIPTION sales_reporting CONNECTION '***';
    COMMIT;

    -- step 3: the file asks for reporting/subscription.sales_reporting
    ALTER SUBSCRIPTION sales_reporting REFRESH PUBLICATION WITH (copy_data = true);

    -- step 4: the file asks for reporting/subscription.sales_reporting
    -- wait until public.refunds is ready

    -- step 5: the file asks for reporting/subscription.legacy_feed
    DROP SUBSCRIPTION legacy_feed;
    "
  `);
});

test('a reason cannot end its comment', () => {
  const sneaky = { ...step('primary/slot.s', ['SELECT 1']), why: 'because\nDROP TABLE t' };
  expect(renderSqlReport(plan({ steps: [sneaky] }))).not.toMatch(/^DROP/m);
});

test('the JSON report is the plan file', () => {
  expect(renderJsonReport('{"plan_id":"x"}')).toBe('{"plan_id":"x"}\n');
  expect(renderJsonReport('{"plan_id":"x"}\n')).toBe('{"plan_id":"x"}\n');
});
