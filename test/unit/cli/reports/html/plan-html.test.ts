// The page of a plan as text: nothing of it is left out, loaded, run, or mistaken for mark-up.

import { describe, expect, test } from 'vitest';
import { html, lines, markup } from '../../../../../src/cli/reports/html/markup.ts';
import { renderPlanHtml } from '../../../../../src/cli/reports/html/plan-html.ts';
import {
  harmfulGraph,
  harmfulPlan,
  manyDrops,
  manyDropsGraph,
} from '../../../../support/plans/large-plans.ts';
import { documentedGraph, richGraph } from '../../../../support/plans/plan-graphs.ts';
import { change, plan } from '../../../../support/plans/plans.ts';
import { documentedPlan, richPlan } from '../../../../support/plans/sample-plans.ts';

const documented = () => renderPlanHtml(documentedPlan(), documentedGraph);

/** The text between tags, as a reader sees it. */
const textOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');

describe('the template', () => {
  test('escapes what is put in, in lists too, and takes mark-up as it is', () => {
    const nested = html`<b>${'<i>'}</b>`;
    expect(html`<p title="${`"&'`}">${[nested, '>', 1]}${markup('<hr>')}</p>`.text).toBe(
      '<p title="&quot;&amp;&#39;"><b>&lt;i&gt;</b>&gt;1<hr></p>',
    );
  });

  test('has no control characters, no halves of pairs, and nothing that turns the text around', () => {
    const text = 'a\u0000\u001b\ud800\u202e\u2067b\n';
    expect(html`${text}`.text).toBe('a\\x00\\x1b\\ud800\\u202e\\u2067b\\n');
    expect(html`${lines(text)}`.text).toBe('a\\x00\\x1b\\ud800\\u202e\\u2067b\n');
    expect(html`${lines('x\n  ::y::')}`.text).toBe('x\n  &#58;:y::');
  });
});

describe('the page', () => {
  test('loads nothing and runs nothing, and tells the browser so', () => {
    const page = documented();
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    );
    expect(page).not.toMatch(/<(script|iframe|object|embed|base|form|img)\b|@import|\son\w+=/i);
    const targets = [...page.matchAll(/(?:href|src|url\()="?([^")]*)/g)].map(([, to]) => to);
    expect(targets.filter((to) => to !== 'data:,' && !to?.startsWith('#'))).toEqual([]);
  });

  test('says dangers, flags, estimates, statements, the id and the exact last line', () => {
    const text = textOf(documented());
    for (const said of [
      'DANGER SLOT_DROP reporting/subscription.legacy_feed - drop',
      'discards slot legacy_feed at 3/4410B20 with 12.4 GB of unread WAL;',
      '--allow-hazard SLOT_DROP=reporting/subscription.legacy_feed',
      'Tables to copy for sales_reporting: 1 table, 41.2 GB',
      'public.refunds 18.4 M 41.2 GB initial copy',
      'connection *** (before) -> *** (after)',
      'slot kept at 3/5A0F1C8 (lag 1.2 MB)',
      'ALTER PUBLICATION sales ADD TABLE public.refunds',
      'SHARE UPDATE EXCLUSIVE, at most 2 s',
      `plan sha256:${'8c1f'.repeat(16)} for primary@7710…245, reporting@7710…258`,
    ]) {
      expect(text).toContain(said);
    }
    expect(text.trimEnd()).toMatch(
      /Plan: 0 to create, 2 to change, 0 to replace, 1 to drop\. 1 table \(41\.2 GB\) to copy\. Hazards: 1 danger, 1 warning\.$/,
    );
  });

  test('of a plan that cannot be applied says so, and why, first', () => {
    const text = textOf(renderPlanHtml(richPlan(), richGraph));
    const order = [
      'This plan is incomplete and cannot be applied',
      'Node archive: connection refused at 10.0.2.2:5432.',
      'First: Add a primary key to public.log. It cannot be allowed.',
      'Allowed by policy.allow_hazards',
      `--allow-hazard 'SUBSCRIPTION_REPLACE=reporting/subscription.o'\\''brien feed'`,
      'No longer in steep.yaml kept; drop with --prune ? no longer in steep.yaml reporting/subscription.gone',
    ].map((said) => text.indexOf(said));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test('draws what changes on the topology', () => {
    const drawing = textOf(/<svg.*<\/svg>/s.exec(documented())?.[0] ?? '');
    expect(drawing).toContain('> copy 1 table, 41.2 GB ~ change in place');
    expect(drawing).toContain('- drop, DANGER');
    expect(drawing).toContain('primary ~ 1 to change');
    expect(drawing).toContain('reporting > 1 to copy - 1 to drop ~ 1 to change');
    const other = textOf(renderPlanHtml(richPlan(), richGraph));
    expect(other).toContain('> copy 2 tables, at least 8.0 kB -/+ replace, DANGER');
    expect(other).toContain('archive NOT READ');
    expect(other).toContain('archived publication all slot archived, 1 table UNKNOWN');
    expect(other).toContain('tables unknown ? no longer in steep.yaml');
  });

  test('without changes is the drawing and the line', () => {
    const text = textOf(renderPlanHtml(plan(), documentedGraph));
    expect(text).toContain('No changes. The topology matches steep.yaml. (4 nodes, 6 subscript');
    expect(text).not.toMatch(/Steps|Destructive|Changes/);
  });

  test('of 1000 resources leaves nothing out', () => {
    const page = renderPlanHtml(manyDrops(1000), manyDropsGraph(1000));
    expect(page.match(/<article class="card danger"/g)).toHaveLength(1000);
    expect(page.match(/--allow-hazard SLOT_DROP=reporting\/subscription\.feed_\d+</g)).toHaveLength(
      1000,
    );
    expect(page.match(/\nDROP SUBSCRIPTION feed_\d+;\n/g)).toHaveLength(1000);
    expect(textOf(page)).toContain('- drop, DANGER');
    expect(page).toContain('Hazards: 1000 dangers, 0 warnings.');
  });

  test('keeps every name in its place', () => {
    const page = renderPlanHtml(harmfulPlan(), harmfulGraph);
    const tags = new Set([...page.matchAll(/<(\/?[a-z][a-z0-9]*)/g)].map(([, tag]) => tag));
    expect(tags).not.toContain('script');
    expect(tags).not.toContain('img');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page).not.toContain('\0');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

test('a drop without a hazard is in the recap', () => {
  const text = textOf(
    renderPlanHtml(plan({ changes: [change('primary/publication.old', 'drop')] }), documentedGraph),
  );
  expect(text).toContain('Destructive or dangerous - drop primary/publication.old');
});
