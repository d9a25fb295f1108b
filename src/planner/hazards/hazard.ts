// Makes hazards. The sentence says what will really happen, with live numbers; the remedy comes apart.

import type { Address } from '../../model/address.ts';
import type { FoundHazard, Severity } from '../../model/hazard.ts';
import { printable } from '../../model/printable.ts';

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

/** `a, b, c and 12 more`: a list that stays one sentence. */
export const listNames = (names: readonly string[], most = 5): string => {
  const shown = names.slice(0, most).map(printable).join(', ');
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
};

/** `1 table`, `7 tables`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;
