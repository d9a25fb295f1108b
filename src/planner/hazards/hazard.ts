// Makes hazards. The sentence says what will really happen, with live numbers; the remedy comes apart.

import type { FoundHazard, Severity } from '../../model/plan/hazard.ts';
import { printable } from '../../model/printable.ts';
import type { Address } from '../../model/state/address.ts';

export const hazard = (
  severity: Severity,
  code: string,
  address: Address,
  /** A sentence, or lines: names in it have no lines of their own. */
  message: string | readonly string[],
  remedy: string,
): FoundHazard => {
  const lines = typeof message === 'string' ? [message] : message;
  return { severity, code, address, message: lines.map(printable).join('\n'), remedy };
};

/** One of each code and address, as a plan has them: where several say different things, it says all of them. */
export const joinReasons = (found: readonly FoundHazard[]): readonly FoundHazard[] =>
  [...Map.groupBy(found, ({ code, address }) => `${code} ${address}`).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const each = (text: (hazard: FoundHazard) => string) => [...new Set(same.map(text))];
    const message = each((it) => it.message).join('\n');
    return [{ ...first, message, remedy: each((it) => it.remedy).join(' ') }];
  });
