// What can be wrong with any name of the file: how it is written, its length, that it is given twice.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { maxIdentifierBytes } from '../../model/identifier.ts';
import { finding } from '../findings.ts';
import type { Path, SourceDocument } from '../parse/source-document.ts';
import { parseIdentifier, type ReadName } from '../resolve/table-name.ts';

/** A name that SQL would not read. */
export const unreadableName = (
  document: SourceDocument,
  path: Path,
  read: ReadName<unknown>,
): readonly Diagnostic[] =>
  read.ok
    ? []
    : [
        finding('INVALID_NAME', read.message, document.valueAt(path, read.part), [
          `Write it as SQL does, with double quotes where needed: '"Odd Name"'.`,
        ]),
      ];

/** The server would cut a longer name, and two names could become one. */
export const tooLongName = (
  what: string,
  name: string,
  place: Diagnostic['source'] & object,
): readonly Diagnostic[] => {
  const bytes = Buffer.byteLength(name);
  if (bytes <= maxIdentifierBytes) return [];
  const detail = `${what} \`${name}\` has ${bytes} bytes; PostgreSQL keeps ${maxIdentifierBytes}.`;
  return [finding('NAME_TOO_LONG', detail, place, ['Choose a shorter name.'])];
};

/** Both, for a single name that is at a path: a column, a schema, an index. */
export const identifierFaults = (
  document: SourceDocument,
  path: Path,
  what: string,
  text: string,
): readonly Diagnostic[] => {
  const read = parseIdentifier(text);
  return read.ok
    ? tooLongName(what, read.value, document.valueAt(path))
    : unreadableName(document, path, read);
};

export interface ListedName {
  readonly name: string;
  readonly path: Path;
}

/** Earlier names in the same list. */
export const repeatedNames = (
  document: SourceDocument,
  where: string,
  names: readonly ListedName[],
): readonly Diagnostic[] =>
  names.flatMap(({ name, path }, index) => {
    const first = names.findIndex((other) => other.name === name);
    if (first === index) return [];
    const line = document.keyAt(names[first]?.path ?? path).line;
    const detail = `${where} names ${name} twice: here and on line ${line}.`;
    return [finding('DUPLICATE_ENTRY', detail, document.valueAt(path), ['Remove one.'])];
  });

/** A list of single names with their places, as the catalog has them. */
export const listedNames = (path: Path, texts: readonly string[]): readonly ListedName[] =>
  texts.map((text, index) => {
    const read = parseIdentifier(text);
    return { name: read.ok ? read.value : text, path: [...path, index] };
  });
