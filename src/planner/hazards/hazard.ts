// Makes hazards. The sentence says what will really happen, with live numbers; the remedy comes apart.

import type { Address } from '../../model/address.ts';
import type { FoundHazard, Severity } from '../../model/hazard.ts';

export const hazard = (
  severity: Severity,
  code: string,
  address: Address,
  message: string,
  remedy: string,
): FoundHazard => ({ severity, code, address, message, remedy });

/** `a, b, c and 12 more`: a list that stays one sentence. */
export const listNames = (names: readonly string[], most = 5): string => {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
};

/** `1 table`, `7 tables`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;
