// Rules of drift.ignore: what they silence, and the day they end.

import { expect, test } from 'vitest';
import { sift } from '../../../../src/planner/drift/ignore-rules.ts';
import { finding } from '../../../support/plans/drifts.ts';

const rule = {
  address: 'primary/publication.s*',
  reason: 'under repair',
  until: '2026-03-31',
  source: 'steep.yaml:9',
};

test('silences through its last day, and is reported after it', () => {
  const onLastDay = sift([finding()], [rule], '2026-03-31');
  expect(onLastDay).toEqual({
    findings: [],
    ignored: [{ finding: finding(), rule }],
    warnings: [],
  });
  const dayAfter = sift([finding()], [rule], '2026-04-01');
  expect(dayAfter).toMatchObject({ findings: [finding()], ignored: [] });
  expect(dayAfter.warnings[0]?.detail).toBe(
    'steep.yaml:9: the rule for primary/publication.s* (under repair) ended with 2026-03-31 and silences nothing any more.',
  );
});

test('without a day, indefinitely; the first rule that matches gives the reason', () => {
  const withoutEnd = { ...rule, until: null };
  const { ignored, warnings } = sift([finding()], [rule, withoutEnd], '2030-01-01');
  expect(ignored[0]?.rule).toBe(withoutEnd);
  expect(warnings).toHaveLength(1);
});
