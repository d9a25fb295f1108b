// A journal of another user that has no end.

import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStorage } from '../../../../src/snapshot/storage/open-storage.ts';

test('is not read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steep-journal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'journal.jsonl'), '');
  await truncate(join(folder, 'journal.jsonl'), 2 ** 40);
  const storage = await openStorage(folder, { create: false });
  onTestFinished(() => storage.close());
  const lines = storage.readLines('journal.jsonl')[Symbol.asyncIterator]();
  await expect(lines.next()).rejects.toMatchObject({ code: 'SNAPSHOT_FILE_LARGE' });
});
