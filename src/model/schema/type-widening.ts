// Whether every value of one type can be read as another: changes travel as text. By the types' names alone.

const widerThan: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'numeric', 'real', 'double precision'],
  integer: ['bigint', 'numeric', 'double precision'],
  bigint: ['numeric'],
  real: ['double precision'],
  date: ['timestamp without time zone'],
  json: ['jsonb'],
  cidr: ['inet'],
};

/** Not for binary transfer, which wants the same type on both ends. */
export const isWidening = (from: string, to: string): boolean => {
  if (to === 'text' || to === 'character varying') return true;
  if (widerThan[from]?.includes(to)) return true;
  const [a, b] = [withModifier(from), withModifier(to)];
  if (a === null || b === null) return false;
  if (a.base === 'numeric') return b.base === 'numeric' && holdsNumeric(a.numbers, b.numbers);
  return a.base === 'character varying' && b.base === a.base && holdsText(a.numbers, b.numbers);
};

interface Modified {
  readonly base: string;
  readonly numbers: readonly number[];
}

/** `numeric(10,2)` → numeric, 10 and 2. Null: something else, such as an array. */
const withModifier = (type: string): Modified | null => {
  const [, base, numbers = ''] = /^(numeric|character varying)(?:\(([-\d,]+)\))?$/.exec(type) ?? [];
  if (base === undefined) return null;
  return { base, numbers: numbers === '' ? [] : numbers.split(',').map(Number) };
};

const holdsText = ([from]: readonly number[], [to]: readonly number[]): boolean =>
  to === undefined || (from !== undefined && to >= from);

/** As many digits before the point, and after it. */
const holdsNumeric = (from: readonly number[], to: readonly number[]): boolean => {
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
