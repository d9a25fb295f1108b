// Sequences of a publisher that were altered or set back: drift sees it, until it is recorded as meant.

import { expect, test } from 'vitest';
import {
  brief,
  close,
  newest,
  nothing,
  publishing,
  same,
  schema,
} from '../../support/worlds/drift-tables.ts';

const tables = `
  CREATE SEQUENCE numbers;
  CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int DEFAULT nextval('numbers'), down serial);
  ALTER SEQUENCE things_down_seq INCREMENT -1 MINVALUE -100 MAXVALUE 100 START 1`;

test('altered and set back, and recorded', async () => {
  const world = await newest(publishing(['things']), same(tables));
  const insert = 'INSERT INTO things DEFAULT VALUES';
  await world.primary.query(`${insert}; ${insert}; ${insert}`);
  await world.steep(['schema', 'capture']);
  await world.primary.query(insert);
  // What a subscriber has of its own is no drift.
  await world.reporting.query('ALTER SEQUENCE numbers INCREMENT BY 2 RESTART 50');
  expect(await world.drift(schema)).toMatchObject(nothing);
  await world.primary.query(`
    ALTER TABLE things ALTER id RESTART;
    ALTER SEQUENCE numbers INCREMENT 5 MAXVALUE 70 CYCLE;
    SELECT setval('things_down_seq', 10)`);
  const report = await world.drift(schema);
  expect(brief(report)).toEqual([
    [
      'primary/things',
      'SEQUENCE_CHANGED',
      [
        'last number of sequence public.things_id_seq',
        'increment of sequence public.numbers',
        'maximum of sequence public.numbers',
        'cycle of sequence public.numbers',
        'last number of sequence public.things_down_seq',
      ].toSorted(),
    ],
  ]);
  const [finding] = report.findings;
  expect(finding?.cure[0]).toContain('steep schema capture --node primary');
  await world.steep(['schema', 'capture', '--node', 'primary', '--tables', 'public.things']);
  expect(await world.drift(schema)).toMatchObject(nothing);
  await close(world);
});
