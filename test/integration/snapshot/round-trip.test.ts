// A snapshot, taken and loaded while writers change everything, and the slot that it was taken at, add up to the source
// exactly: for every codec, and for more than one target.

import { expect, test } from 'vitest';
import { waitForSameRows } from '../../support/hashes.ts';
import { fewPairs } from '../../support/servers/majors.ts';
import { waitFor } from '../../support/servers/wait.ts';
import { startWriter } from '../../support/worlds/writer.ts';
import { names, stage } from '../copy/copy-under-test.ts';
import { rows, schema, write } from '../copy/oracle-data.ts';
import { follow, load, newDirectory, takeSnapshot } from './snapshot-under-test.ts';

test.each(fewPairs)('%i to %i: every committed change is there once', async (from, to) => {
  const it = await stage(schema, [from, to]);
  await it.source.query(rows);
  const writer = await startWriter(it.source, write);
  const directory = await newDirectory();
  const report = await takeSnapshot(it, directory);
  expect(report).toMatchObject({ unchanged: false, tables: 4 });
  const before = writer.written();
  await load(it, directory);
  await waitFor('a few more turns', async () => writer.written() > before + 60);
  await follow(it);
  await writer.stop();
  const hashes = await waitForSameRows(it.source, it.target, names('accounts', 'log', 'parts'));
  expect(hashes['public.accounts']?.rows).toBeGreaterThan(10000);
});

test.each(['none', 'gzip', 'gzip:6', 'lz4', 'zstd', 'zstd:3'])('with %s', async (compression) => {
  const it = await stage(schema);
  await it.source.query(rows);
  const directory = await newDirectory();
  const { storedBytes, bytes } = await takeSnapshot(it, directory, { compression });
  if (compression === 'none') expect(storedBytes).toBe(bytes);
  else expect(storedBytes).toBeLessThan(bytes / 2);
  await load(it, directory);
  await waitForSameRows(it.source, it.target, names('accounts', 'log', 'parts'));
});
