// What introspection makes of tables, on the oldest major and the newest.

import { describe, expect, test } from 'vitest';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { introspect, ofKind, run } from './node-under-test.ts';

const longName = 'é'.repeat(31);
const oddName = `odd"; DROP TABLE x; --\u{1f418}'`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe.each([14, 18].filter((major) => majors.includes(major)))(
  'tables of PostgreSQL %i',
  (major) => {
    test('columns, identities, partitions, sequences', async () => {
      const database = await cluster.database(major);
      await run(
        database,
        'CREATE SCHEMA "Shop"',
        'CREATE TYPE "Shop"."State" AS ENUM (\'a\')',
        `CREATE TABLE "Shop".orders (a int, id bigint GENERATED ALWAYS AS IDENTITY, gone int,
         state "Shop"."State" NOT NULL, total numeric(10,2), double numeric GENERATED ALWAYS AS (total * 2) STORED,
         PRIMARY KEY (id, a))`,
        'ALTER TABLE "Shop".orders DROP COLUMN gone',
        `CREATE TABLE public.${quoted(oddName)} (${quoted(longName)} text)`,
        'CREATE TABLE public.by_index (a int NOT NULL, b int NOT NULL)',
        'CREATE UNIQUE INDEX by_index_b ON public.by_index (b) INCLUDE (a)',
        'ALTER TABLE public.by_index REPLICA IDENTITY USING INDEX by_index_b',
        'CREATE TABLE public.all_of_it (a int, b int)',
        'ALTER TABLE public.all_of_it REPLICA IDENTITY FULL',
        'CREATE TABLE public.nothing (a int PRIMARY KEY)',
        'ALTER TABLE public.nothing REPLICA IDENTITY NOTHING',
        'CREATE TABLE public.deferred (a int PRIMARY KEY DEFERRABLE)',
        'CREATE TABLE public.parent (a int PRIMARY KEY) PARTITION BY RANGE (a)',
        'CREATE TABLE "Shop".child PARTITION OF public.parent DEFAULT',
        'CREATE UNLOGGED TABLE public.unlogged (a int)',
        'CREATE VIEW public.view AS SELECT 1',
        'CREATE TABLE public.analyzed (a serial)',
        'INSERT INTO public.analyzed SELECT FROM generate_series(1, 100)',
        'ANALYZE public.analyzed',
      );
      const state = await introspect(database.conninfo);
      const summary = state.tables.map((table) => ({
        name: `${table.name.schema}.${table.name.name}`,
        columns: table.columns.map(
          (c) => `${c.name} ${c.type}${c.notNull ? ' !' : ''}${c.generated ? ' =' : ''}`,
        ),
        identity: [table.identityMode, table.identityIndex, table.identityColumns],
        ...(table.partitioned ? { partitioned: true } : {}),
        ...(table.parent ? { parent: table.parent } : {}),
        ...(table.sequences.length > 0 ? { sequence: true } : {}),
        rows: table.estimatedRows,
        ...(table.bytes > 0 ? { bytes: table.bytes } : {}),
      }));
      expect(summary).toMatchSnapshot();
      expect(state.tables.every((table) => table.ownedByRole && table.hasRows === null)).toBe(true);
      expect(ofKind(state, 'identity')).toHaveLength(state.tables.length);
      expect(
        ofKind(state, 'identity').find(({ name }) => name === 'public.by_index'),
      ).toMatchObject({
        owned: true,
        address: 'n/identity.public.by_index',
        spec: { mode: 'index', index: 'by_index_b' },
      });
    });

    test('a table that is locked exclusively does not make it wait', async () => {
      const database = await cluster.database(major);
      await run(database, 'CREATE TABLE public.t (a int)', 'BEGIN', 'LOCK TABLE public.t');
      expect((await introspect(database.conninfo)).tables).toMatchObject([{ bytes: 0 }]);
      await database.query('ROLLBACK');
    });
  },
);
