// Checks a row filter before it goes between parentheses as it is: it must not be able to leave them.
// A scanner of PostgreSQL's lexical rules (manual 4.1), not a parser: the server judges the meaning.

import { SteepError } from '../../model/errors.ts';

/**
 * @throws SteepError INVALID_EXPRESSION unless parentheses, quotes, dollar quotes and comments are balanced and no `;`
 * is outside them.
 */
export const assertExpression = (expression: string): void => {
  const problem = findProblem(expression);
  if (problem === null) return;
  throw new SteepError('INVALID_EXPRESSION', `The row filter (${expression}) ${problem}.`, {
    suggestions: [
      "A row filter is one SQL expression, as in WHERE: region = 'eu' AND NOT archived",
    ],
  });
};

/** Whether the text is one expression that parentheses can safely enclose. */
export const isExpression = (text: string): boolean => findProblem(text) === null;

/**
 * One lexical element that can hide a parenthesis or a quote; the rest is taken a character at a time.
 * Words come first, so that the quote or dollar after a letter is not taken for a prefix of its own.
 */
const elements: readonly {
  readonly start: RegExp;
  readonly scan: Scan;
  readonly missing: string;
}[] = [
  { start: /[eE]'/y, scan: scanEscapeString, missing: 'has a string that does not end' },
  { start: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y, scan: toEndOfMatch, missing: '' },
  { start: /'/y, scan: to(/(?:[^']|'')*'(?!')/y), missing: 'has a string that does not end' },
  { start: /"/y, scan: to(/(?:[^"]|"")*"(?!")/y), missing: 'has a quoted name that does not end' },
  {
    start: /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y,
    scan: scanDollar,
    missing: 'has a dollar quote that does not end',
  },
  { start: /--/y, scan: to(/[^\r\n]*[\r\n]/y), missing: 'has a comment that does not end' },
  { start: /\/\*/y, scan: scanBlockComment, missing: 'has a comment that does not end' },
];

/** Where the element ends; null: it does not. */
type Scan = (text: string, end: number, start: string) => number | null;

function findProblem(text: string): string | null {
  if (text.trim() === '') return 'is empty';
  if (text.includes('\0')) return 'has a NUL character';
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    const element = elementAt(text, at);
    if (typeof element === 'string') return element;
    if (element !== null) {
      at = element;
      continue;
    }
    const character = text[at];
    if (character === ';') return 'has a semicolon outside a string';
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return 'closes a parenthesis that it did not open';
    at += 1;
  }
  return depth === 0 ? null : 'has a parenthesis that is not closed';
}

/** The end of the element that starts here; null: none does; text: what is wrong with it. */
function elementAt(text: string, at: number): number | string | null {
  for (const { start, scan, missing } of elements) {
    const opening = match(start, text, at);
    if (opening !== null) return scan(text, at + opening.length, opening) ?? missing;
  }
  return null;
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function toEndOfMatch(_text: string, end: number): number {
  return end;
}

function to(rest: RegExp): Scan {
  return (text, end) => {
    const found = match(rest, text, end);
    return found === null ? null : end + found.length;
  };
}

/**
 * PostgreSQL joins strings that only white space with a line break separates, and reads the second one with
 * the escapes of the first: refused, rather than followed.
 */
function scanEscapeString(text: string, end: number): number | null {
  const found = match(/(?:[^'\\]|\\[\s\S]|'')*'(?!')/y, text, end);
  if (found === null) return null;
  const next = end + found.length;
  return match(/(?:\s|--[^\r\n]*[\r\n])+'/y, text, next) === null ? next : null;
}

function scanDollar(text: string, end: number, tag: string): number | null {
  const close = text.indexOf(tag, end);
  return close === -1 ? null : close + tag.length;
}

/** Comments nest in PostgreSQL. */
function scanBlockComment(text: string, end: number): number | null {
  let depth = 1;
  for (let at = end; at < text.length; at += 1) {
    const pair = text.slice(at, at + 2);
    if (pair !== '/*' && pair !== '*/') continue;
    depth += pair === '/*' ? 1 : -1;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return null;
}
