// Whether every value of one type can be read as another: changes travel as text. By the types' names alone.

const widerThan: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'numeric', 'real', 'double precision'],
  integer: ['bigint', 'numeric', 'double precision'],
  bigint: ['numeric'],
  real: ['double precision'],
  json: ['jsonb'],
  jsonb: ['json'],
  cidr: ['inet'],
};

/** Digits before the point. */
const digitsOf: Readonly<Record<string, number>> = { smallint: 5, integer: 10, bigint: 19 };

/** Not for binary transfer, which wants the same type on both ends. */
export const isWidening = (from: string, to: string): boolean => {
  if (to === 'text' || to === 'character varying') return true;
  if (isArray(from) && isArray(to)) return isWidening(elementOf(from), elementOf(to));
  return widerThan[from]?.includes(to) === true || holdsTime(from, to) || holdsDigits(from, to);
};

/** By what is said in parentheses. */
const holdsDigits = (from: string, to: string): boolean => {
  const [a, b] = [withModifier(from), withModifier(to)];
  if (b?.base === 'numeric') return holdsNumeric(numberOf(from) ?? integerAs(from), b.numbers);
  if (a === null || b === null || a.base === 'numeric') return false;
  return (a.base === 'character' || b.base === a.base) && holdsText(a.numbers, b.numbers);
};

/** Every text of the one is one of the other; ALTER TABLE, which casts, may round it. */
export const isReadWhole = (from: string, to: string): boolean => {
  if (isWidening(from, to) || (floatDigits(from) !== null && to === 'numeric')) return true;
  const digits = floatDigits(to);
  return digits !== null && (numberOf(from)?.[0] ?? Number.POSITIVE_INFINITY) <= digits;
};

/** Digits that a floating-point number keeps for certain; null: another type. */
export const floatDigits = (type: string): number | null => {
  if (type === 'real') return 6;
  return type === 'double precision' ? 15 : null;
};

const isArray = (type: string): boolean => type.endsWith('[]');
export const elementOf = (type: string): string => type.replace(/\[\]$/, '');

/** A whole number as a numeric without digits after the point; null: it is none. */
const integerAs = (type: string): readonly number[] | null => {
  const digits = digitsOf[type];
  return digits === undefined ? null : [digits, 0];
};

const timed = /^(timestamp|time|interval)(?:\((\d)\))?( with(?:out)? time zone)?$/;

interface Timed {
  readonly base: string;
  /** Fractions of a second; microseconds where nothing is said. */
  readonly digits: number;
}

/** With its zone; null: another type. */
export const timedType = (type: string): Timed | null => {
  const [, base, digits = '6', zone = ''] = timed.exec(type) ?? [];
  return base === undefined ? null : { base: `${base}${zone}`, digits: Number(digits) };
};

const holdsTime = (from: string, to: string): boolean => {
  const [a, b] = [timedType(from), timedType(to)];
  if (from === 'date') return b?.base === 'timestamp without time zone';
  return a !== null && b !== null && isTimeOf(a.base, b.base) && b.digits >= a.digits;
};

/** A time of day is an interval as well. */
export const isTimeOf = (from: string, to: string): boolean =>
  from === to || (from === 'time without time zone' && to === 'interval');

interface Modified {
  readonly base: string;
  readonly numbers: readonly number[];
}

/** `numeric(10,2)` → numeric, 10 and 2. Null: something else, such as an array. */
const withModifier = (type: string): Modified | null => {
  const [, base, numbers = ''] =
    /^(numeric|character varying|character)(?:\(([-\d,]+)\))?$/.exec(type) ?? [];
  if (base === undefined) return null;
  return { base, numbers: numbers === '' ? [] : numbers.split(',').map(Number) };
};

const holdsText = ([from]: readonly number[], [to]: readonly number[]): boolean =>
  to === undefined || (from !== undefined && to >= from);

/** Precision and scale of a numeric, as far as they are given; null: another type. */
export const numberOf = (type: string): readonly number[] | null => {
  const found = withModifier(type);
  return found?.base === 'numeric' ? found.numbers : null;
};

/** As many digits before the point, and after it. */
const holdsNumeric = (from: readonly number[] | null, to: readonly number[]): boolean => {
  if (from === null) return false;
  const [fromPrecision, fromScale = 0] = from;
  const [toPrecision, toScale = 0] = to;
  if (toPrecision === undefined) return true;
  if (fromPrecision === undefined) return false;
  return toScale >= fromScale && toPrecision - toScale >= fromPrecision - fromScale;
};

/** In binary transfer both ends need the same type; its modifier, and which text type it is, make no difference. */
export const isSentAlikeInBinary = (from: string, to: string): boolean => {
  const base = (type: string): string =>
    type.replace(/\([\d,-]+\)/, '').replace(/^(?:character varying|character|text)$/, 'text');
  const isBuiltIn = !from.includes('.') && !to.includes('.');
  // The labels of an enum travel by their names.
  return base(from) === base(to) || !isBuiltIn;
};
