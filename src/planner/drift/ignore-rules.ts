// The rules of `drift.ignore`: which findings they silence, and which of them are over.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Finding, IgnoredFinding, IgnoreRule } from '../../model/drift.ts';

/** A rule silences through its last day. Dates of this form compare as text. */
const isOver = ({ until }: IgnoreRule, today: string): boolean => until !== null && until < today;

const splitAddress = (address: string): readonly [kind: string, name: string] => {
  const dot = address.indexOf('.', address.indexOf('/'));
  return [address.slice(0, dot), address.slice(dot + 1)];
};

/** `*` stands for any text within the name; node and kind are always written out. */
export const matches = ({ address: pattern }: Pick<IgnoreRule, 'address'>, address: string) => {
  const [wantedKind, wantedName] = splitAddress(pattern);
  const [kind, name] = splitAddress(address);
  const parts = wantedName.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return kind === wantedKind && new RegExp(`^${parts.join('.*')}$`, 's').test(name);
};

export interface Sifted {
  readonly findings: readonly Finding[];
  readonly ignored: readonly IgnoredFinding[];
  readonly warnings: readonly Diagnostic[];
}

/** Takes the silenced findings out; the first rule that matches says why. */
export const sift = (
  found: readonly Finding[],
  rules: readonly IgnoreRule[],
  today: string,
): Sifted => {
  const inForce = rules.filter((rule) => !isOver(rule, today));
  const ruleOf = (finding: Finding): IgnoreRule | undefined =>
    inForce.find((rule) => matches(rule, finding.address));
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
  summary: 'A rule of drift.ignore is over',
  detail: `${source}: the rule for ${address} (${reason}) ended with ${until ?? ''} and silences nothing any more.`,
  suggestions: ['Put the drift right and remove the rule, or give it a later date.'],
});
