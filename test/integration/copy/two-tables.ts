// Two tables, one of many chunks and one of few, and how to see that they arrived exactly once.

import { expect } from 'vitest';
import { hashesOf } from '../../support/hashes.ts';
import { type CopyStage, names, stage } from './copy-under-test.ts';

const schema = `
  CREATE TABLE large (id int PRIMARY KEY, note text);
  CREATE TABLE small (id int PRIMARY KEY, note text);
  CREATE INDEX ON large (note);`;

const rows = `
  INSERT INTO large SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n;
  INSERT INTO small SELECT n, repeat('y', 100) FROM generate_series(1, 3000) n;`;

export const tables = names('large', 'small');

export async function filled(on?: readonly [number, number]): Promise<CopyStage> {
  const it = await stage(schema, on);
  await it.source.query(rows);
  return it;
}

export async function expectExact(it: CopyStage): Promise<void> {
  expect(await hashesOf(it.target, tables)).toEqual(await hashesOf(it.source, tables));
  const [checkpoints] = await it.target.query(
    `SELECT sum(rows)::int AS rows, count(*)::int = sum(DISTINCT chunks)::int AS complete FROM steep_repl.copy_chunks`,
  );
  expect(checkpoints).toEqual({ rows: 23000, complete: true });
}
