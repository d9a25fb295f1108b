// A password that comes from a password file is in no output; one that is no more than the user or the database is shown, as
// these are.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withoutSecrets } from '../../../../src/model/known-secrets.ts';
import { findPassword } from '../../../../src/postgres/connect/passfile.ts';

test.each([
  ['canary-of-a-file', 'server said ***'],
  ['reporting', 'server said reporting'],
])('the password %s', async (password, shown) => {
  const folder = await mkdtemp(join(tmpdir(), 'steep-passfile-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'pgpass');
  await writeFile(file, `h:5432:app:reporting:${password}\n`, { mode: 0o600 });
  const target = { host: 'h', port: '5432', dbname: 'app', user: 'reporting' };
  expect(await findPassword(file, target)).toBe(password);
  expect(withoutSecrets(`server said ${password}`)).toBe(shown);
});
