// Constants as SQL text. Knows nothing of statements.

/**
 * A string constant that PostgreSQL reads back as exactly this text.
 * @throws RangeError for NUL, which PostgreSQL text cannot hold.
 */
export const quoteLiteral = (text: string): string => {
  if (text.includes('\0')) throw new RangeError('PostgreSQL text cannot hold a NUL character.');
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
};

type Scalar = string | number | boolean | bigint | null;

/** A bound value as people would write it. */
export const displayValue = (value: Scalar | readonly Scalar[]): string => {
  if (isList(value))
    return value.length === 0 ? "'{}'" : `ARRAY[${value.map(displayScalar).join(', ')}]`;
  return displayScalar(value);
};

const isList = (value: Scalar | readonly Scalar[]): value is readonly Scalar[] =>
  Array.isArray(value);

const displayScalar = (value: Scalar): string =>
  typeof value === 'string' ? quoteLiteral(value) : value === null ? 'NULL' : String(value);
