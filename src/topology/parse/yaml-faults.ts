// What the YAML parser finds, in plain words. Its own messages are not used: some quote the file,
// which may hold a password.

import { type Document, visit, type YAMLError } from 'yaml';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { shownKey } from './plain-words.ts';
import { keyText, rangeOf } from './source-document.ts';
import { type SourceText, spanOf, type TextRange } from './source-text.ts';

interface Words {
  readonly detail: string;
  readonly cure?: string;
}

const quoteVariable = `Inside { } and [ ] quote a variable: "\${NAME}".`;

const words: { readonly [Code in YAMLError['code']]?: Words } = {
  BAD_ALIAS: {
    detail: 'A * starts a YAML alias, but no name follows it.',
    cure: 'Quote it: "*".',
  },
  BAD_DQ_ESCAPE: {
    detail: 'This escape is unknown inside double quotes.',
    cure: 'Use single quotes, where a backslash is only a backslash.',
  },
  BAD_INDENT: {
    detail: 'The indentation does not match the lines around it.',
    cure: 'Keys of one mapping, and items of one list, start in the same column.',
  },
  BAD_SCALAR_START: {
    detail: 'A plain value cannot start with this character.',
    cure: 'Quote the value.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    detail: 'A second `:` makes this a mapping inside a value.',
    cure: 'Quote the value, or start the mapping on a line of its own.',
  },
  BLOCK_IN_FLOW: {
    detail: 'Inside { } and [ ], an indented mapping or list is not allowed.',
    cure: quoteVariable,
  },
  MISSING_CHAR: {
    detail: 'Something is missing here: a `:`, a comma, a quote or a closing bracket.',
    cure: 'A key is followed by a colon and a space; quotes and brackets come in pairs.',
  },
  MULTIPLE_DOCS: {
    detail: 'The file has a second document after `---`.',
    cure: 'A topology is one document: remove the `---`.',
  },
  NON_STRING_KEY: { detail: 'A key must be a plain text.' },
  TAB_AS_INDENT: { detail: 'A tab is used for indentation.', cure: 'Indent with spaces.' },
  TAG_RESOLVE_FAILED: {
    detail: 'A ! starts a YAML tag, which steep.yaml does not use.',
    cure: 'Quote the value.',
  },
  UNEXPECTED_TOKEN: {
    detail: 'This is not expected here.',
    cure: 'Check the indentation, and quotes and brackets that are not closed.',
  },
};

const otherwise: Words = { detail: 'This is not valid YAML.' };

/** A fault of the parser as a finding. */
export const yamlFault = (
  source: SourceText,
  document: Document.Parsed,
  error: YAMLError,
): Diagnostic => {
  const place = spanOf(source, error.pos);
  if (error.code === 'DUPLICATE_KEY') return duplicateKey(source, document, error.pos);
  const { detail, cure } = words[error.code] ?? otherwise;
  const line = source.text.split('\n')[place.line - 1] ?? '';
  const bracket = line.search(/[{[]/);
  const quote = bracket >= 0 && line.includes('${', bracket + 1) ? [quoteVariable] : [];
  return finding('YAML_SYNTAX', detail, place, [...new Set([...(cure ? [cure] : []), ...quote])]);
};

/** Names both places: the parser only knows where the second key starts. */
const duplicateKey = (
  source: SourceText,
  document: Document.Parsed,
  position: TextRange,
): Diagnostic => {
  let place = position;
  let detail = 'This key is defined twice.';
  visit(document, {
    Map: (_, { items }) => {
      const second = items.find(({ key }) => rangeOf(key)?.[0] === position[0]);
      if (second === undefined) return undefined;
      const first = items.find((pair) => keyText(pair) === keyText(second));
      place = rangeOf(second.key) ?? position;
      const { line } = spanOf(source, rangeOf(first?.key) ?? position);
      detail = `\`${shownKey(keyText(second))}\` is defined here and on line ${line}.`;
      return visit.BREAK;
    },
  });
  const cure = 'Keep one of the two, or join them.';
  return finding('DUPLICATE_KEY', detail, spanOf(source, place), [cure]);
};

/** An alias whose anchor does not precede it. The parser finds out when it is too late to say where. */
export const unresolvedAlias = (document: Document.Parsed): TextRange | null => {
  let range: TextRange | null = null;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      range = rangeOf(alias);
      return visit.BREAK;
    },
  });
  return range;
};
