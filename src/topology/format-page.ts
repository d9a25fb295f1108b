// The comments of a text as they stand in it, and its lines.

import { Lexer, LineCounter } from 'yaml';

/** Whether there is nothing on the line above one. */
export const isBlank = ({ lines }: Page, line: number): boolean =>
  line > 0 && lines[line - 1]?.trim() === '';

/** Whether only white space stands before a place on its line. */
export const isFirstOfLine = ({ text }: Page, start: number): boolean =>
  text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '';

export interface Page {
  readonly text: string;
  readonly lines: readonly string[];
  /** From 0. */
  readonly lineOf: (offset: number) => number;
}

/** A text with its lines. */
export const pageOf = (text: string): Page => {
  const counter = new LineCounter();
  const lines = text.split('\n');
  let start = 0;
  for (const line of lines) {
    counter.addNewLine(start);
    start += line.length + 1;
  }
  return { text, lines, lineOf: (offset) => counter.linePos(offset).line - 1 };
};

export interface Comment {
  readonly text: string;
  readonly start: number;
  readonly line: number;
  readonly column: number;
  /** Nothing but white space stands before it on its line. */
  readonly alone: boolean;
}

/** Every comment, in order. The lexer knows them from a `#` inside of a value. */
export const readComments = (page: Page): readonly Comment[] => {
  const comments: Comment[] = [];
  const { text } = page;
  let start = 0;
  let inScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    // Marks of the lexer that are not in the text: document, end of flow, scalar.
    const isMark = lexeme === '\u0002' || lexeme === '\u0018' || lexeme === '\u001f';
    if (!isMark && !inScalar && lexeme.startsWith('#')) {
      comments.push({
        text: lexeme.trimEnd(),
        start,
        line: page.lineOf(start),
        column: start - (text.lastIndexOf('\n', start - 1) + 1),
        alone: isFirstOfLine(page, start),
      });
    }
    inScalar = lexeme === '\u001f';
    if (!isMark) start += lexeme.length;
  }
  return comments;
};
