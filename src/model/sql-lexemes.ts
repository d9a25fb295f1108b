// Cuts an SQL expression into what PostgreSQL's lexical rules (manual 4.1) make of it. Not a parser.

export type LexemeKind = 'word' | 'quoted' | 'string' | 'comment' | 'symbol';

export interface Lexeme {
  readonly kind: LexemeKind;
  readonly text: string;
}

export interface Scanned {
  readonly lexemes: readonly Lexeme[];
  /** Why it was not read to its end; null: it was. */
  readonly problem: string | null;
}

/** Where the element ends; null: it does not. */
type Scan = (text: string, end: number, start: string) => number | null;

/**
 * One lexical element that can hide a parenthesis or a quote; the rest is taken a character at a time.
 * Words come first, so that the quote or dollar after a letter is not taken for a prefix of its own.
 */
const elements: readonly {
  readonly kind: LexemeKind;
  readonly start: RegExp;
  readonly scan: Scan;
  readonly missing: string;
}[] = [
  {
    kind: 'string',
    start: /[eE]'/y,
    scan: scanEscapeString,
    missing: 'has a string that does not end',
  },
  {
    kind: 'word',
    start: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
    scan: toEndOfMatch,
    missing: '',
  },
  {
    kind: 'string',
    start: /'/y,
    scan: to(/(?:[^']|'')*'(?!')/y),
    missing: 'has a string that does not end',
  },
  {
    kind: 'quoted',
    start: /"/y,
    scan: to(/(?:[^"]|"")*"(?!")/y),
    missing: 'has a quoted name that does not end',
  },
  {
    kind: 'string',
    start: /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y,
    scan: scanDollar,
    missing: 'has a dollar quote that does not end',
  },
  {
    kind: 'comment',
    start: /--/y,
    scan: to(/[^\r\n]*[\r\n]/y),
    missing: 'has a comment that does not end',
  },
  {
    kind: 'comment',
    start: /\/\*/y,
    scan: scanBlockComment,
    missing: 'has a comment that does not end',
  },
  { kind: 'symbol', start: /::/y, scan: toEndOfMatch, missing: '' },
];

/** In their order, with the space between them as symbols; up to where something does not end. */
export const scanSqlWithSpace = (text: string): Scanned => {
  const lexemes: Lexeme[] = [];
  for (let at = 0; at < text.length; ) {
    const found = lexemeAt(text, at);
    if (typeof found === 'string') return { lexemes, problem: found };
    lexemes.push(found);
    at += found.text.length;
  }
  return { lexemes, problem: null };
};

/** The same, without space. */
export const scanSql = (text: string): Scanned => {
  const { lexemes, problem } = scanSqlWithSpace(text);
  return { lexemes: lexemes.filter((it) => it.text.trim() !== ''), problem };
};

/** What no element begins with: most characters that are no letters. */
const alone = /[^A-Za-z_\u0080-\uffff'"$/:-]/y;

/** What begins here; text: what is wrong with it. */
function lexemeAt(text: string, at: number): Lexeme | string {
  alone.lastIndex = at;
  if (alone.test(text)) return { kind: 'symbol', text: text.charAt(at) };
  for (const { kind, start, scan, missing } of elements) {
    const opening = match(start, text, at);
    if (opening === null) continue;
    const end = scan(text, at + opening.length, opening);
    return end === null ? missing : { kind, text: text.slice(at, end) };
  }
  return { kind: 'symbol', text: text.charAt(at) };
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
