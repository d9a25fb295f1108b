// Names in the file → names in the catalog, read as SQL reads them: `orders`, `public.orders`,
// `"Odd Name".table`, and the selectors `*` and `schema.*`.

import type { QualifiedName } from '../../model/identifier.ts';
import type { TextPart } from '../parse/source-document.ts';

/** A value, or what is wrong and where in the text. */
export type ReadName<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly part: TextPart };

export type NameSelector =
  | { readonly kind: 'table'; readonly table: QualifiedName }
  | { readonly kind: 'schema'; readonly schema: string }
  | { readonly kind: 'all' };

/** Reads one name, of a column, a schema or an index. Unquoted it is folded to lower case. */
export const parseIdentifier = (text: string): ReadName<string> => {
  const parts = readParts(text);
  if (!parts.ok) return parts;
  const [name, second] = parts.value;
  if (second !== undefined) return fault('A single name is expected here.', second);
  return name?.kind === 'name' ? { ok: true, value: name.text } : nameExpected(text);
};

/** Reads the name of a table; without a schema it is in public. */
export const parseTableName = (text: string): ReadName<QualifiedName> => {
  const selector = parseTableSelector(text);
  if (!selector.ok) return selector;
  return selector.value.kind === 'table'
    ? { ok: true, value: selector.value.table }
    : fault('One table is expected here, not a wildcard.', { offset: 0, length: text.length });
};

/** Reads the name of a table, `*` or `schema.*`. */
export const parseTableSelector = (text: string): ReadName<NameSelector> => {
  const parts = readParts(text);
  if (!parts.ok) return parts;
  const [first, second, third] = parts.value;
  if (first === undefined) return nameExpected(text);
  if (third !== undefined) return fault('A table has only a schema and a name.', third);
  if (first.kind === 'star') {
    if (second !== undefined) return fault('Nothing can follow `*`.', second);
    return { ok: true, value: { kind: 'all' } };
  }
  if (second?.kind === 'star') return { ok: true, value: { kind: 'schema', schema: first.text } };
  const table =
    second === undefined
      ? { schema: 'public', name: first.text }
      : { schema: first.text, name: second.text };
  return { ok: true, value: { kind: 'table', table } };
};

type NamePart = TextPart &
  ({ readonly kind: 'name'; readonly text: string } | { readonly kind: 'star' });

// Any character beyond ASCII is a letter to SQL. The quoted form must come to its closing quote.
const partPattern = /(\*)|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|"((?:[^"]|"")*)"(?!")/y;

/** Splits `a."b.c".*` at its dots. */
const readParts = (text: string): ReadName<readonly NamePart[]> => {
  const parts: NamePart[] = [];
  let offset = 0;
  for (;;) {
    const part = readPart(text, offset);
    if (!part.ok) return part;
    parts.push(part.value);
    offset += part.value.length;
    if (offset === text.length) return { ok: true, value: parts };
    if (text[offset] !== '.') return unexpected(text, offset);
    offset += 1;
  }
};

const readPart = (text: string, offset: number): ReadName<NamePart> => {
  partPattern.lastIndex = offset;
  const match = partPattern.exec(text);
  if (match === null) return unexpected(text, offset);
  const place = { offset, length: match[0].length };
  const [, star, plain, quoted] = match;
  if (star !== undefined) return { ok: true, value: { kind: 'star', ...place } };
  if (quoted === '') return fault('A name cannot be empty.', place);
  if (quoted?.includes('\0')) return fault('A name cannot contain a NUL character.', place);
  const name = quoted === undefined ? foldCase(plain ?? '') : quoted.replaceAll('""', '"');
  return { ok: true, value: { kind: 'name', text: name, ...place } };
};

/** Only ASCII letters: as a server does whose encoding is UTF-8. */
const foldCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const unexpected = (text: string, offset: number): ReadName<never> => {
  const [character] = text.slice(offset);
  if (character === undefined) return nameExpected(text);
  if (character === '"') {
    return fault('The double quote is not closed.', { offset, length: text.length - offset });
  }
  const message = `\`${character}\` is not allowed in a name without double quotes.`;
  return fault(message, { offset, length: character.length });
};

const nameExpected = (text: string): ReadName<never> =>
  fault('A name is missing.', { offset: text.length, length: 1 });

const fault = (message: string, { offset, length }: TextPart): ReadName<never> => ({
  ok: false,
  message,
  part: { offset, length },
});
