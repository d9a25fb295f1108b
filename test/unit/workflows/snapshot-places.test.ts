// Where a worker may write snapshots: what a path leads to counts, not how it is written.

import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { placeBelow } from '../../../src/workflows/queue/snapshot-places.ts';

test('a location is below a folder of the worker only if its links lead there, too', () => {
  const home = mkdtempSync(join(tmpdir(), 'steep-places-'));
  const [root, outside] = [join(home, 'root'), join(home, 'outside')];
  mkdirSync(root);
  mkdirSync(outside);
  symlinkSync(outside, join(root, 'out'));
  symlinkSync(root, join(home, 'alias'));
  const refused = expect.objectContaining({ code: 'WORK_LOCATION' });
  for (const path of [
    join(root, 'out', 'x'),
    join(root, 'out'),
    `${root}/../outside`,
    `${root}-x`,
    root,
  ]) {
    expect(() => placeBelow(path, [root]), path).toThrow(refused);
  }
  expect(placeBelow(join(root, 'new', 'x'), [root])).toBe(join(root, 'new', 'x'));
  // The link of whoever started the worker.
  expect(placeBelow(join(home, 'alias', 'x'), [join(home, 'alias')])).toBe(
    join(home, 'alias', 'x'),
  );
  expect(placeBelow('s3://b/app/x', [root, 's3://b/app'])).toBe('s3://b/app/x');
  expect(() => placeBelow('s3://b/app/../x', ['s3://b/app'])).toThrow(refused);
});
