// What the copies of a plan take, for people.

import { describe, expect, test } from 'vitest';
import { renderPlan } from '../../../src/cli/render/plan/render-plan.ts';
import { plainStyle } from '../../../src/cli/render/style.ts';
import { renderMarkdown } from '../../../src/cli/reports/markdown.ts';
import { estimatedPlan } from '../../support/plans/sample-plans.ts';

describe('the estimate of copies', () => {
  test('stands beside each table and above the id of the plan', () => {
    const text = renderPlan(estimatedPlan(), plainStyle);
    expect(text).toContain('# initial copy, for feed, 950 rows, 8.0 GB, about 8-14 min\n');
    expect(text).toContain(
      '\nCopies: 1 table, 950 rows, 8.0 GB, about 8-14 min; up to 840.0 MB of WAL kept during the copy.\nplan sha256:',
    );
  });

  test('does not guess WAL that is unknown on one of the publishers', () => {
    const { observed, ...rest } = estimatedPlan();
    const edge = observed.estimate.edges['reporting/subscription.my_feed'];
    const edges = {
      ...observed.estimate.edges,
      ...(edge && { 'reporting/subscription.other': { ...edge, wal: null } }),
    };
    const estimate = { ...observed.estimate, edges };
    expect(renderPlan({ ...rest, observed: { ...observed, estimate } }, plainStyle)).toContain(
      'about 8-14 min; WAL kept during the copy unknown.\n',
    );
  });

  test('is one line less where the time is unknown', () => {
    const { observed, ...rest } = estimatedPlan();
    const estimate = { ...observed.estimate, seconds: null };
    expect(renderPlan({ ...rest, observed: { ...observed, estimate } }, plainStyle)).not.toContain(
      'Copies:',
    );
  });

  test('is in the comment on a pull request', () => {
    expect(renderMarkdown(estimatedPlan())).toContain('\nCopies: 1 table, 950 rows, 8.0 GB,');
  });
});
