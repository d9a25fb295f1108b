// Texts that others make as long as they like: a server that is not yours sends messages of megabytes, and owners of tables
// write defaults. Whatever looks for something in one takes no more than its length.

import { beforeAll, expect, test } from 'vitest';
import { passwordsIn } from '../../../src/model/known-secrets.ts';
import { scrub } from '../../../src/postgres/scrub.ts';
import { statementParts } from '../../../src/schema/gate/find-uses.ts';
import { loadParser, parseStatement } from '../../../src/schema/gate/parse-statement.ts';
import { parseFile } from '../../../src/topology/parse/parse.ts';

const characters = 200_000;
const filled = (unit: string): string => unit.repeat(characters / unit.length);

beforeAll(loadParser);

const partsOf = (statement: string): void => {
  const parsed = parseStatement(statement);
  if (typeof parsed === 'string') throw new Error(parsed);
  statementParts(statement, parsed);
};

test.each([
  ['a message, words with dots', () => scrub(filled('a.'))],
  ['a message, addresses', () => scrub(filled('a://'))],
  ['a message, addresses with an end', () => scrub(`${filled('a://')}@`)],
  ['a connection, addresses', () => passwordsIn(filled('://:a'))],
  ['a connection, addresses without a user', () => passwordsIn(filled('://'))],
  ['a default', () => partsOf(`CREATE TABLE t (a text DEFAULT '${filled(' ')}x', b int)`)],
  ['a line of a file that cannot be read', () => parseFile(`a: "${filled('{')}" b`, 'steep.yaml')],
])('%s', (_what, look) => {
  const begun = performance.now();
  look();
  expect(performance.now() - begun).toBeLessThan(2000);
});
