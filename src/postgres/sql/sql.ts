// SQL text as a value: parts, bound values and names of secrets, joined only by tags and constructors.
// A plain string never becomes SQL here, save through verbatim(), engineSql() and
// examinedStatement(). Knows no session and no server.

import { SteepError } from '../../model/errors.ts';
import { maxIdentifierBytes, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import { assertExpression } from './expression.ts';
import { displayValue, quoteLiteral } from './literal.ts';
import { printableSql } from './printable-sql.ts';

type Scalar = string | number | boolean | bigint | null;

/** What `sql` binds as a parameter. */
export type SqlValue = Scalar | readonly Scalar[];

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'statement'; readonly text: string }
  | { readonly kind: 'value'; readonly value: SqlValue }
  | { readonly kind: 'secret'; readonly name: string };

/** Finds the value of a secret by its name; throws where there is none. */
export type SecretLookup = (name: string) => string;

export interface RenderedSql {
  readonly text: string;
  readonly values: readonly SqlValue[];
  /** It must be one statement: the server is to refuse a text that is more. */
  readonly single: boolean;
}

/** An immutable piece of SQL. Made by the tags and constructors of this file only. */
export class Sql {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  static of(...parts: readonly Part[]): Sql {
    return new Sql(parts);
  }

  static concat(pieces: readonly Sql[]): Sql {
    return new Sql(pieces.flatMap((piece) => piece.#parts));
  }

  /** The same statement for people: values as literals, secrets as `'***'`, names in characters that print. */
  get display(): string {
    return printableSql(this.#parts.map(displayPart).join(''));
  }

  /** The text for the server: values as $1…, secrets as literals (utility statements take no parameters). */
  render(secrets: SecretLookup): RenderedSql {
    const values: SqlValue[] = [];
    const text = this.#parts.map((part) => {
      if (part.kind === 'text' || part.kind === 'statement') return part.text;
      if (part.kind === 'secret') return quoteLiteral(secrets(part.name));
      values.push(part.value);
      return `$${values.length}`;
    });
    const single = this.#parts.some(({ kind }) => kind === 'statement');
    return { text: text.join(''), values, single };
  }
}

/** A query: `sql\`… ${value} …\`` binds each value as a parameter and inlines each Sql. */
export const sql = (strings: TemplateStringsArray, ...values: readonly (SqlValue | Sql)[]): Sql =>
  assemble(
    strings,
    values.map((value) => (value instanceof Sql ? value : Sql.of({ kind: 'value', value }))),
  );

/** A utility statement, which takes no parameters: only Sql goes in, so a plain string does not compile. */
export const ddl = (strings: TemplateStringsArray, ...pieces: readonly Sql[]): Sql =>
  assemble(strings, pieces);

/**
 * A name, quoted where SQL needs it.
 * @throws SteepError INVALID_NAME when PostgreSQL could not hold the name as it is (empty, NUL, over 63 bytes).
 */
export const ident = (name: string): Sql => {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > maxIdentifierBytes) {
    throw new SteepError(
      'INVALID_NAME',
      `PostgreSQL cannot hold the name ${JSON.stringify(name)}.`,
      {
        suggestions: [`Use a name of 1 to ${maxIdentifierBytes} bytes.`],
      },
    );
  }
  return text(quoteIdentifier(name));
};

/** `schema.name`, both quoted where needed. */
export const qualified = (name: QualifiedName): Sql =>
  join([ident(name.schema), ident(name.name)], '.');

/** A string constant; `E''` when it holds a backslash, so that it means the same under any setting. */
export const literal = (value: string): Sql => text(quoteLiteral(value));

/** Separators that join() may put between pieces. */
export type Separator = ', ' | '.' | ' ' | ' AND ' | ' OR ' | ' UNION ALL ' | '; ';

/** The pieces with a separator between them; no pieces: empty text. */
export const join = (items: readonly Sql[], separator: Separator = ', '): Sql =>
  Sql.concat(items.flatMap((item, index) => (index === 0 ? [item] : [text(separator), item])));

/**
 * A user's row filter, as it is: the only place where user text reaches SQL unquoted.
 * Write it as `WHERE (${verbatim(filter)})`.
 * @throws SteepError INVALID_EXPRESSION when the text could end those parentheses or the statement.
 */
export const verbatim = (expression: string): Sql => {
  assertExpression(expression);
  return text(expression);
};

/**
 * A whole statement by which the DDL engine reads the catalogs: never text of a user, and never a piece of another
 * statement.
 */
export const engineSql = (statement: string): Sql => text(statement);

/** As engineSql, for what changes something: the server refuses the text where it is more than one statement. */
export const examinedStatement = (statement: string): Sql =>
  Sql.of({ kind: 'statement', text: statement });

/** A secret by its name: `'***'` in plans and logs; the session puts the literal in when it sends. */
export const secret = (name: string): Sql => Sql.of({ kind: 'secret', name });

const text = (content: string): Sql => Sql.of({ kind: 'text', text: content });

function assemble(strings: TemplateStringsArray, pieces: readonly Sql[]): Sql {
  return Sql.concat(
    strings.flatMap((content, index) => {
      const piece = pieces[index];
      return piece === undefined ? [text(content)] : [text(content), piece];
    }),
  );
}

function displayPart(part: Part): string {
  if (part.kind === 'text' || part.kind === 'statement') return part.text;
  return part.kind === 'secret' ? "'***'" : displayValue(part.value);
}
