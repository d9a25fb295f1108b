// The rules of `drift.ignore`: which findings they silence, and which of them are over.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { DriftFinding, IgnoredFinding, IgnoreRule } from '../../model/report/drift.ts';
import { matchesAddress } from '../address-pattern.ts';

/** A rule silences through its last day. Dates of this form compare as text. */
const isOver = ({ until }: IgnoreRule, today: string): boolean => until !== null && until < today;

export interface Sifted {
  readonly findings: readonly DriftFinding[];
  readonly ignored: readonly IgnoredFinding[];
  readonly warnings: readonly Diagnostic[];
}

/** Takes the silenced findings out; the first rule that matches says why. */
export const sift = (
  found: readonly DriftFinding[],
  rules: readonly IgnoreRule[],
  today: string,
): Sifted => {
  const inForce = rules.filter((rule) => !isOver(rule, today));
  const ruleOf = (finding: DriftFinding): IgnoreRule | undefined =>
    inForce.find((rule) => matchesAddress(rule.address, finding.address));
  return {
    findings: found.filter((finding) => ruleOf(finding) === undefined),
    ignored: found.flatMap((finding) => {
      const rule = ruleOf(finding);
      return rule === undefined ? [] : [{ finding, rule }];
    }),
    warnings: rules.filter((rule) => isOver(rule, today)).map(expired),
  };
};

const expired = ({ address, reason, until, source }: IgnoreRule): Diagnostic => ({
  severity: 'warning',
  code: 'DRIFT_RULE_EXPIRED',
  summary: 'A rule of drift.ignore has expired',
  detail: `${source}: the rule for ${address} (${reason}) ended with ${until ?? ''} and silences nothing any more.`,
  suggestions: ['Correct the drift and remove the rule, or give it a later date.'],
});
