// Rows as PostgreSQL writes them as one text, which keeps every value as its type prints it. Pure.

/** The values of a row that a server has written as text. */
export const parseRecord = (text: string): readonly (string | null)[] => {
  const values: (string | null)[] = [];
  let at = 1;
  while (at < text.length) {
    const { value, end } = text[at] === '"' ? quoted(text, at + 1) : plain(text, at);
    values.push(value);
    at = end + 1;
  }
  return values;
};

interface Field {
  readonly value: string | null;
  /** Where the comma or the last parenthesis is. */
  readonly end: number;
}

const plain = (text: string, from: number): Field => {
  const comma = text.indexOf(',', from);
  const end = comma === -1 ? text.length - 1 : comma;
  return { value: end === from ? null : text.slice(from, end), end };
};

const quoted = (text: string, from: number): Field => {
  let end = from;
  while (text[end] !== '"' || text[end + 1] === '"') {
    if (end >= text.length) throw new Error('the text of a row ends within a value');
    end += text[end] === '\\' || text[end] === '"' ? 2 : 1;
  }
  return { value: text.slice(from, end).replaceAll(/""|\\(.)/gs, unescaped), end: end + 1 };
};

const unescaped = (all: string, letter: string | undefined): string =>
  all === '""' ? '"' : (letter ?? '');

/** The text of a row, as its type reads it. */
export const formatRecord = (values: readonly (string | null)[]): string =>
  `(${values.map((value) => (value === null ? '' : `"${value.replaceAll(/["\\]/g, '$&$&')}"`)).join(',')})`;
