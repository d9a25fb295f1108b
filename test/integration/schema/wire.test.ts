// What is equal is not sent: one row a schema, whatever the number of tables; then only what differs.

import { expect, test } from 'vitest';
import type { Session } from '../../../src/postgres/session.ts';
import { compareSchemas, inSnapshots } from '../../../src/workflows/schema/compare-schemas.ts';
import { withSession } from '../../support/plans/schema-reading.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';

/** The same session, which notes how many rows each query brought. */
const counting = (session: Session, rows: number[]): Session =>
  new Proxy(session, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      if (key !== 'query') return method;
      return async (...args: unknown[]) => {
        const found = (await method(...args)) as readonly unknown[];
        rows.push(found.length);
        return found;
      };
    },
  });

const fill = `
  CREATE SCHEMA one; CREATE SCHEMA two; CREATE SCHEMA three;
  DO $$ BEGIN FOR n IN 1..100 LOOP
    EXECUTE format('CREATE TABLE one.t%s (id int PRIMARY KEY, note text)', n);
    EXECUTE format('CREATE TABLE two.t%s (id int PRIMARY KEY, note text)', n);
    EXECUTE format('CREATE TABLE three.t%s (id int PRIMARY KEY, note text)', n);
  END LOOP; END $$`;

test('equal nodes send a row a schema; one difference, the tables of its schema', async () => {
  const a = await cluster.database(majors[0] ?? newestMajor);
  const b = await cluster.database(newestMajor);
  await Promise.all([a.query(fill), b.query(fill)]);
  const request = {
    wanted: { schemas: null, tables: null },
    kind: 'strict',
    everyTable: false,
  } as const;
  const compared = async () => {
    const [here, there]: [number[], number[]] = [[], []];
    const comparison = await withSession(a, (local) =>
      withSession(b, (remote) => {
        const ends = [counting(local, here), counting(remote, there)] as const;
        return inSnapshots([local, remote], () => compareSchemas(ends, request));
      }),
    );
    return { comparison, here, there };
  };
  const equal = await compared();
  expect([equal.here, equal.there]).toEqual([[3], [3]]);
  expect(equal.comparison.matching).toEqual(
    ['one', 'three', 'two'].map((schema) => ({ schema, tables: 100 })),
  );
  await b.query('ALTER TABLE two.t7 ADD x int; CREATE TABLE public.new (id int)');
  const differing = await compared();
  expect([differing.here, differing.there]).toEqual([
    [3, 100],
    [4, 101],
  ]);
  const changed = differing.comparison.tables.filter(({ status }) => status !== 'MATCH');
  expect(changed.map(({ name, status }) => [name.name, status])).toEqual([
    ['new', 'REMOTE_ONLY'],
    ['t7', 'MISMATCH'],
  ]);
});
