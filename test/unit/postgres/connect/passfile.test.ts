// Lines of a password file, the first that matches.

import { expect, test } from 'vitest';
import { passwordIn } from '../../../../src/postgres/connect/passfile.ts';

const text = [
  '# comment',
  'a:5432:db:u:first',
  '*:*:db:with\\:colon:pass\\:word\\\\',
  '*:*:*:u:any',
].join('\n');

test.each([
  [{ host: 'a', port: '5432', dbname: 'db', user: 'u' }, 'first'],
  [{ host: 'b', port: '1', dbname: 'db', user: 'with:colon' }, 'pass:word\\'],
  [{ host: 'b', port: '1', dbname: 'x', user: 'u' }, 'any'],
  [{ host: 'b', port: '1', dbname: 'x', user: 'nobody' }, null],
])('%j', (target, password) => {
  expect(passwordIn(text, target)).toBe(password);
});
