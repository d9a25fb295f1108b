// The text of a file and places in it. A place shows its line, but never the rest of a line
// that may hold a password.

import type { SourceSpan } from '../../model/diagnostic.ts';

/** From one offset to before another, in UTF-16 units. */
export type TextRange = readonly [start: number, end: number];

export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** What no snippet may show. */
  readonly secrets: readonly TextRange[];
}

// These work on the text alone, since a file that is not valid YAML has no structure to go by.
const secretPatterns: readonly RegExp[] = [
  // A URI with credentials, whatever its scheme is spelt like.
  /:\/\/(?=.*(?:@|password))/i,
  // `password: x`, `"password": x`, `password=x`, PGPASSWORD=x; not password_env.
  /(?:password|secret|scram_(?:client|server)_key)["']?\s*[:=](?=\s*\S)(?!\s*["']?\$\{\w+\}["']?\s*[,}]*\s*$)\s*/i,
];

/** The place of a range, as people count: lines and columns from 1, lengths in characters. */
export const spanOf = (source: SourceText, [start, end]: TextRange): SourceSpan => {
  const { text } = source;
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const nextLine = text.indexOf('\n', start);
  const lineEnd = nextLine === -1 ? text.length : nextLine;
  const characters = (from: number, to: number): number => Array.from(text.slice(from, to)).length;
  return {
    file: source.file,
    line: lineOf(source, start),
    column: characters(lineStart, start) + 1,
    length: Math.max(1, characters(start, Math.min(end, lineEnd))),
    snippet: snippetOf(source, [lineStart, lineEnd]),
  };
};

/** Where each line of a text starts: found once, since every finding and every table asks. */
const lineStarts = new WeakMap<SourceText, readonly number[]>();

const lineStartsOf = (source: SourceText): readonly number[] => {
  const known = lineStarts.get(source);
  if (known !== undefined) return known;
  const starts = [0, ...Array.from(source.text.matchAll(/\n/g), ({ index }) => index + 1)];
  lineStarts.set(source, starts);
  return starts;
};

/** The line of an offset, from 1. */
const lineOf = (source: SourceText, offset: number): number => {
  const starts = lineStartsOf(source);
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
};

/** The line, cut where a secret begins: what follows could belong to the secret too. */
const snippetOf = ({ text, secrets }: SourceText, [start, end]: TextRange): string => {
  const line = text.slice(start, end).replace(/\r$/, '');
  const cuts = [
    ...secrets.filter((secret) => secret[0] < end && secret[1] > start).map(([at]) => at - start),
    ...secretPatterns.map((pattern) => pattern.exec(line)).map(endOfMatch),
  ].filter((cut) => cut !== null);
  if (cuts.length === 0) return line;
  return `${line.slice(0, Math.max(0, Math.min(...cuts)))}***`;
};

const endOfMatch = (match: RegExpExecArray | null): number | null =>
  match === null ? null : match.index + match[0].length;
