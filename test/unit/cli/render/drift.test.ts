// How drift looks, and its reports: nothing cut that must be seen, nothing that breaks its format.

import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { driftReportText } from '../../../../src/cli/drift-output.ts';
import { renderDrift } from '../../../../src/cli/render/render-drift.ts';
import { renderDriftSummary } from '../../../../src/cli/render/render-drift-summary.ts';
import { createStyle, plainStyle } from '../../../../src/cli/render/style.ts';
import { markdownLimit } from '../../../../src/cli/reports/markdown.ts';
import { compare, finding, richDrift } from '../../../support/plans/drifts.ts';

const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);
const validate = ajv.compile(
  JSON.parse(
    readFileSync(new URL('../../../../schemas/drift.schema.json', import.meta.url), 'utf8'),
  ),
);

const many = Array.from({ length: 400 }, (_, index) =>
  finding({
    address: `primary/publication.p${index}`,
    details: [
      {
        field: 'tables',
        added: Array.from({ length: 20 }, (_it, n) => `public.t${n}`),
        removed: [],
      },
    ],
  }),
);

describe('for people', () => {
  test('looks like this', () => {
    expect(renderDrift(richDrift(), plainStyle)).toMatchInlineSnapshot(`
      "node primary
        topology
          ~ publication.sales                             DRIFT_CHANGED
              The publication sales differs from what was applied.
              tables: + public.extra
              applied 2026-01-31T12:00:00.000Z by run run-1
              > To put it back: steep plan
        runtime
          ! slot.feed                                     ORPHAN_SLOT
              No subscription reads this slot.
              > steep plan

      node reporting could not be read
          Node reporting did not answer.  UNREACHABLE

      Ignored: 1
        primary/publication.cdc_a  DRIFT_CHANGED  # owned by Debezium (steep.yaml:41, until 2027-01-31)

      Pending edits of steep.yaml, which are not drift: 1
        reporting/subscription.feed  # edited

      Changed on the server and in steep.yaml, to the same: 1
        primary/publication.spare

      Not compared: 1
        reporting/subscription.feed  connection  # no right

      warning: A rule of drift.ignore has expired  DRIFT_RULE_EXPIRED
        steep.yaml:50: the rule for x ended.

      Incomplete. Topology: 1, schema: 0, runtime: 1, data: 0. Ignored: 1. Pending: 1. Not read: reporting. (1 node, 7 objects in 0.3 s)"
    `);
  });

  test('nothing: one line', () => {
    expect(renderDrift(compare(), plainStyle)).toMatchInlineSnapshot(
      `"No drift. Topology: 0, schema: 0, runtime: 0, data: 0. Ignored: 0. Pending: 0. (2 nodes, 7 objects in 0.3 s)"`,
    );
  });

  test('nothing compared with nothing is said', () => {
    const classes = [{ class: 'topology', addresses: [] }] as const;
    expect(renderDrift({ ...compare(), classes }, plainStyle)).toContain(
      'Nothing that steep applied is on 2 nodes: there is nothing to compare.',
    );
  });

  test('a name cannot control the terminal', () => {
    const odd = finding({ address: 'primary/publication.\u001b[2J' });
    expect(renderDrift(richDrift({ findings: [odd] }), plainStyle)).not.toContain('\u001b');
  });

  test('colour is added, and nothing else changes', () => {
    const colored = createStyle({ isTTY: true, env: { FORCE_COLOR: '1' } });
    const text = renderDrift(richDrift(), colored);
    expect(text).toContain('\u001b[');
    expect(stripVTControlCharacters(text)).toBe(renderDrift(richDrift(), plainStyle));
  });
});

test.each([
  ['no', compare()],
  ['rich', richDrift()],
])('the schema describes the document of %s drift', (_which, report) => {
  const document = JSON.parse(driftReportText('json', report)) as object;
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
});

describe('markdown', () => {
  test('looks like this', () => {
    expect(driftReportText('markdown', richDrift())).toMatchInlineSnapshot(`
      "<!-- steep:drift -->
      ## steep drift

      \`\`\`
      node reporting could not be read
          Node reporting did not answer.  UNREACHABLE
      \`\`\`

      | class | finding | address |
      |---|---|---|
      | topology | DRIFT_CHANGED | primary/publication.sales |
      | runtime | ORPHAN_SLOT | primary/slot.feed |

      <details><summary>Findings</summary>

      \`\`\`
      node primary
        topology
          ~ publication.sales                             DRIFT_CHANGED
              The publication sales differs from what was applied.
              tables: + public.extra
              applied 2026-01-31T12:00:00.000Z by run run-1
              > To put it back: steep plan
        runtime
          ! slot.feed                                     ORPHAN_SLOT
              No subscription reads this slot.
              > steep plan
      \`\`\`

      </details>

      <details><summary>Also</summary>

      \`\`\`
      Ignored: 1
        primary/publication.cdc_a  DRIFT_CHANGED  # owned by Debezium (steep.yaml:41, until 2027-01-31)

      Pending edits of steep.yaml, which are not drift: 1
        reporting/subscription.feed  # edited

      Changed on the server and in steep.yaml, to the same: 1
        primary/publication.spare

      Not compared: 1
        reporting/subscription.feed  connection  # no right

      warning: A rule of drift.ignore has expired  DRIFT_RULE_EXPIRED
        steep.yaml:50: the rule for x ended.
      \`\`\`

      </details>


      Incomplete. Topology: 1, schema: 0, runtime: 1, data: 0. Ignored: 1. Pending: 1. Not read: reporting. (1 node, 7 objects in 0.3 s)
      "
    `);
  });

  test('is short enough, and its recap whole', () => {
    const report = richDrift({ findings: many });
    const text = driftReportText('markdown', report);
    expect(text.length).toBeLessThanOrEqual(markdownLimit);
    for (const { address } of many) expect(text).toContain(`| ${address} |`);
    expect(text).toContain('lines left out; all of it is in the JSON report');
    expect(text.trimEnd().endsWith(renderDriftSummary(report))).toBe(true);
  });

  test('names are text, whatever is in them', () => {
    const odd = finding({ address: 'primary/publication.a|b`<!-- x\n```' });
    const text = driftReportText('markdown', richDrift({ findings: [odd] }));
    const row = text.split('\n').find((line) => line.startsWith('| topology'));
    expect(row).toBe(
      '| topology | DRIFT_CHANGED | primary/publication.a&#124;b&#96;&#60;!-- x&#92;n&#96;&#96;&#96; |',
    );
    expect(text).toContain('````\n');
  });
});
