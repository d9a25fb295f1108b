// What a table may say about making an object again: only the statements that steep itself writes there, about that
// very table and object. The texts are stored in a table, so they are checked before they are run.

import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { isExpression } from '../../postgres/sql/expression.ts';
import type { DeferredObject } from './deferred-object.ts';

/** @throws SteepError COPY_RECORD_CHANGED where a statement is none of them. */
export const assertRebuilds = (deferred: DeferredObject): void => {
  const allowed = patternsOf(deferred);
  const strange = deferred.statements.find((statement) => !isRebuild(statement, allowed));
  if (strange === undefined) return;
  const { kind, name, table } = deferred;
  throw new SteepError(
    'COPY_RECORD_CHANGED',
    `steep_repl.copy_postponed has a statement for ${kind} ${name} of ${formatName(table)} that steep did not write, so it was not run: ${strange}`,
    {
      suggestions: [
        `Create ${kind} ${name} of ${formatName(table)} by hand, delete its row from steep_repl.copy_postponed, and run the same command again.`,
      ],
    },
  );
};

/** One statement, of one action: no semicolon, and no comma outside of parentheses. */
const isRebuild = (statement: string, allowed: readonly RegExp[]): boolean =>
  isExpression(statement) &&
  allowed.some((pattern) => pattern.test(statement)) &&
  !hasTopLevelComma(statement);

/** What precedes such a comma is complete in itself: no parenthesis or string is open. */
const hasTopLevelComma = (text: string): boolean =>
  [...text.matchAll(/,/g)].some(({ index }) => isExpression(text.slice(0, index)));

const patternsOf = ({ kind, table, name }: DeferredObject): readonly RegExp[] => {
  const [own, schema] = [nameOf(name), nameOf(table.schema)];
  const on = `${schema}\\.${nameOf(table.name)}`;
  const constraint = [
    `ALTER TABLE ${on} ADD CONSTRAINT ${own} ${kind === 'foreign key' ? 'FOREIGN KEY .*' : madeAgain}`,
    `COMMENT ON CONSTRAINT ${own} ON ${on} IS ${text}`,
  ];
  const forms =
    kind === 'foreign key'
      ? [...constraint, `ALTER TABLE ${on} VALIDATE CONSTRAINT ${own}`]
      : [
          ...constraint,
          `SET LOCAL default_tablespace = ${text}`,
          `CREATE (?:UNIQUE )?INDEX ${own} ON ${on} USING .*`,
          `COMMENT ON INDEX ${schema}\\.${own} IS ${text}`,
          `ALTER INDEX ${schema}\\.${own} ALTER COLUMN \\d+ SET STATISTICS \\d+`,
          `ALTER TABLE ${on} CLUSTER ON ${own}`,
          `ALTER TABLE ${on} REPLICA IDENTITY USING INDEX ${own}`,
        ];
  return forms.map((form) => new RegExp(`^${form}$`, 's'));
};

/** A check is never made of the rows that are there. */
const madeAgain = '(?:(?:PRIMARY KEY|UNIQUE|EXCLUDE) .*|(?:CHECK|NOT NULL) .* NOT VALID)';

/** With quotes, or without where no version of PostgreSQL must have them. */
const nameOf = (name: string): string => {
  const quoted = `"${name.replaceAll('"', '""')}"`.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return /^[a-z_][a-z0-9_]*$/.test(name) ? `(?:${name}|${quoted})` : quoted;
};

/** A string constant, as format() writes it. */
const text = `(?:'(?:[^']|'')*'| ?E'(?:[^'\\\\]|''|\\\\.)*')`;
