// What import does not write into the file, and why: each is a comment in the file and a warning.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Address } from '../../model/state/address.ts';

export interface LeftOut {
  readonly address: Address;
  /** Whole sentences. */
  readonly reason: string;
  /** What to do if it is wanted in the file; null: nothing. */
  readonly cure: string | null;
}

/** What was asked for, told apart from what cannot be had. */
export interface Found<T> {
  readonly kept: readonly T[];
  readonly leftOut: readonly LeftOut[];
}

/** One paragraph of the closing comment. */
export const leftOutText = ({ address, reason, cure }: LeftOut): string =>
  [`- ${address}: ${reason}`, ...(cure === null ? [] : [cure])].join(' ');

export const leftOutWarning = ({ address, reason, cure }: LeftOut): Diagnostic => ({
  severity: 'warning',
  code: 'LEFT_OUT',
  summary: 'Left out of the file',
  detail: reason,
  ...(cure === null ? {} : { suggestions: [cure] }),
  address,
});

/** Keeps what has no fault; `judge` says why something must be left out. */
export const partition = <T>(all: readonly T[], judge: (item: T) => LeftOut | null): Found<T> => {
  const judged = all.map((item) => [item, judge(item)] as const);
  return {
    kept: judged.flatMap(([item, fault]) => (fault === null ? [item] : [])),
    leftOut: judged.flatMap(([, fault]) => (fault === null ? [] : [fault])),
  };
};
