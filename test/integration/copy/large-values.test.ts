// Rows of hundreds of megabytes: they pass through in pieces, so that the process stays small however large they are.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RunningCli } from '../../support/cli.ts';
import { createEdge } from '../../support/worlds/edge.ts';

const megabyte = 1024 * 1024;

/** The most memory that a process ever had, in megabytes; 0: it is gone. */
const peakOf = (pid: number): number => {
  const file = `/proc/${pid}/status`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
};

const peakDuring = async (run: RunningCli): Promise<number> => {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, peakOf(run.pid));
  }, 50);
  await run.result;
  clearInterval(timer);
  return peak;
};

/** It takes the better part of a minute; memory is read where Linux tells it. */
const nightly = process.env.STEEP_TEST_NIGHTLY !== undefined && existsSync('/proc/self/status');

test.runIf(nightly)('a value of 300 MB is copied in less than 250 MB of memory', async () => {
  const { project, publisher, subscriber } = await createEdge();
  for (const database of [publisher, subscriber]) {
    await database.query('ALTER TABLE items ADD body bytea, ALTER body SET STORAGE EXTERNAL');
  }
  await publisher.query(
    `INSERT INTO items (id, body) VALUES (101, convert_to(repeat('0123456789', ${30 * megabyte}), 'UTF8'))`,
  );
  const run = project.start('apply', '--auto-approve');
  const peak = await peakDuring(run);
  const { code, stdout, stderr } = await run.result;
  expect(code, stdout + stderr).toBe(0);
  expect(peak).toBeGreaterThan(50);
  expect(peak).toBeLessThan(250);
  expect(
    await subscriber.query(
      `SELECT length(body) AS bytes, md5(body) = md5(convert_to(repeat('0123456789', ${30 * megabyte}), 'UTF8')) AS same
           FROM items WHERE id = 101`,
    ),
  ).toEqual([{ bytes: 300 * megabyte, same: true }]);
});
