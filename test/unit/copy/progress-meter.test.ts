// What the copy engine says of how far it is: totals, rates over the last seconds, tables that move.

import { expect, test } from 'vitest';
import type { Transfer } from '../../../src/copy/fill/copy-table.ts';
import { makeMeter } from '../../../src/copy/fill/progress-meter.ts';
import type { CopyProgress } from '../../../src/model/copy/init-progress.ts';

const transfer = (name: string, bytes: number, index: number) =>
  ({ index, table: { name: { schema: 'public', name }, bytes } }) as Transfer;

test('an interrupted copy that resumes has the rate of now, not that of what was there', () => {
  let now = 0;
  const said: CopyProgress[] = [];
  const meter = makeMeter({
    transfers: [transfer('Big', 10_000, 0), transfer('small', 0, 1)],
    workers: 2,
    clock: () => now,
    report: (progress) => said.push(progress),
  });
  meter.start(0);
  meter.copied(0, { rows: 40, bytes: 0, size: 4000 });
  meter.phase('copying');
  now = 20_000;
  meter.flush();
  now = 25_000;
  meter.passed(0, 6000);
  expect(said.at(-1)).toMatchObject({
    phase: 'copying',
    percent: 54,
    bytesCopied: 6000,
    bytesPerSecond: 1200,
    etaSeconds: 10,
    lagBytes: null,
  });
  expect(said.at(-1)?.tables).toMatchObject([
    { table: 'public."Big"', syncState: 'd', percent: 60, rowsDone: 40, etaSeconds: 10 },
  ]);
  now = 26_000;
  meter.finish(0);
  meter.finish(1);
  meter.flush();
  expect(said.at(-1)).toMatchObject({ percent: 100, tablesDone: 2, tables: [] });
});
