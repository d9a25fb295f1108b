// Types of a subscriber that take every value of the publisher's, as text, and change some of them without an error. By the
// names of the types alone; what may also be refused is left out, since that stops apply.

import { elementOf, floatDigits, isTimeOf, numberOf, timedType } from './type-widening.ts';

interface Conversion {
  readonly from: RegExp;
  readonly to: RegExp;
  /** A whole sentence. */
  readonly why: string;
}

const timestampTz = /^timestamp(?:\(\d\))? with time zone$/;
const timestamp = /^timestamp(?:\(\d\))? without time zone$/;

const conversions: readonly Conversion[] = [
  {
    from: /^(?:integer|bigint)$/,
    to: /^real$/,
    why: 'Values of more than six digits are rounded without an error.',
  },
  {
    from: /^bigint$/,
    to: /^double precision$/,
    why: 'Values of more than 15 digits are rounded without an error.',
  },
  {
    from: timestampTz,
    to: timestamp,
    why: 'The time zone is dropped without an error: the value is that of the time zone of the publisher.',
  },
  {
    from: timestamp,
    to: timestampTz,
    why: 'The value is taken for one in the time zone of the subscriber, without an error.',
  },
  {
    from: /^date$/,
    to: timestampTz,
    why: 'The value is taken for midnight in the time zone of the subscriber, without an error.',
  },
  {
    from: /^timestamp/,
    to: /^date$/,
    why: 'The time of day is dropped without an error.',
  },
  {
    from: /^json$/,
    to: /^jsonb$/,
    why: 'White space, the order of keys and all but the last of equal keys are dropped without an error; a value with \\u0000 stops apply.',
  },
  {
    from: /^character varying\(\d+\)$/,
    to: /^character\(\d+\)$/,
    why: 'Blanks are added to the end without an error, or taken from it.',
  },
];

const rounded = 'Values are rounded without an error.';

/** Why some values would be others on the subscriber; null: none, or apply stops at such a value. */
export const convertsSilently = (from: string, to: string): string | null => {
  if (from.endsWith('[]') && to.endsWith('[]'))
    return convertsSilently(elementOf(from), elementOf(to));
  if (roundsNumeric(from, to) || roundsTime(from, to)) return rounded;
  const digits = floatDigits(to);
  if (digits !== null && (numberOf(from)?.[0] ?? 0) > digits)
    return `Values of more than ${digits} digits are rounded without an error.`;
  const found = conversions.find((it) => it.from.test(from) && it.to.test(to));
  return found === undefined || (found.to.source.startsWith('^character') && isShorter(from, to))
    ? null
    : found.why;
};

const isShorter = (from: string, to: string): boolean => {
  const [a, b] = [from, to].map((type) => Number(/\((\d+)\)/.exec(type)?.[1] ?? 1));
  return (a ?? 1) > (b ?? 1);
};

/** As many digits before the point, and fewer after it; but none more before it, which rounding up may need. */
const roundsNumeric = (from: string, to: string): boolean => {
  const [a, b] = [numberOf(from), numberOf(to)];
  if (a === null || b === null) return false;
  const [fromPrecision, fromScale = 0] = a;
  const [toPrecision, toScale = 0] = b;
  return (
    fromPrecision !== undefined &&
    toPrecision !== undefined &&
    toScale < fromScale &&
    toPrecision - toScale >= fromPrecision - fromScale
  );
};

const roundsTime = (from: string, to: string): boolean => {
  const [a, b] = [timedType(from), timedType(to)];
  return a !== null && b !== null && isTimeOf(a.base, b.base) && b.digits < a.digits;
};
