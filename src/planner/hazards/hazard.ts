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
