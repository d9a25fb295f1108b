// The files of keys, certificates and passwords that a connection names: its author may have written any path.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readKeyFile } from '../../../../src/postgres/connect/private-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steep-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a device without end, a pipe without a writer and a file of a terabyte are not read', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const large = join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 2 ** 40);
  for (const file of ['/dev/zero', pipe, folder]) {
    await expect(readKeyFile(file)).rejects.toThrow('it is not an ordinary file');
  }
  await expect(readKeyFile(large)).rejects.toThrow('it is larger than 16 MB');
});
