// Checks a row filter before it goes between parentheses as it is: it must not be able to leave them.
// The server judges the meaning.

import { SteepError } from '../../model/errors.ts';
import { type Lexeme, scanSql } from '../../model/sql-lexemes.ts';

/**
 * @throws SteepError INVALID_EXPRESSION unless parentheses, quotes, dollar quotes and comments are balanced, and neither
 * `;` nor `\` is outside them.
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

const findProblem = (text: string): string | null => {
  if (text.trim() === '') return 'is empty';
  if (text.includes('\0')) return 'has a NUL character';
  const { lexemes, problem } = scanSql(text);
  return problemOf(lexemes, problem);
};

/** @param atEnd what was found behind the last of them. */
const problemOf = (lexemes: readonly Lexeme[], atEnd: string | null): string | null => {
  let depth = 0;
  for (const { kind, text } of lexemes) {
    if (kind !== 'symbol') continue;
    if (text === ';') return 'has a semicolon outside a string';
    // psql takes it for a command, which may run a program, where the filter is part of a script.
    if (text === '\\') return 'has a backslash outside a string';
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth < 0) return 'closes a parenthesis that it did not open';
  }
  if (atEnd !== null) return atEnd;
  return depth === 0 ? null : 'has a parenthesis that is not closed';
};
