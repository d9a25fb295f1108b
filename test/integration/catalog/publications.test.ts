// What introspection makes of publications, on the oldest major and the newest.

import { describe, expect, test } from 'vitest';
import type { NodeState } from '../../../src/model/state/state.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { installMetadata, remember } from './metadata.ts';
import { introspect, ofKind, run } from './node-under-test.ts';

test.runIf(majors.includes(14))('publications of 14: tables only', async () => {
  const database = await cluster.database(14);
  await run(
    database,
    'CREATE TABLE public.b (id int PRIMARY KEY)',
    'CREATE TABLE public.a (id int PRIMARY KEY)',
    "CREATE PUBLICATION named FOR TABLE public.b, public.a WITH (publish = 'delete, insert', publish_via_partition_root)",
    'CREATE PUBLICATION everything FOR ALL TABLES',
  );
  const state = await introspect(database.conninfo);
  expect(ofKind(state, 'publication').map(({ name, spec }) => ({ name, spec }))).toMatchSnapshot();
  expect(state.server.publishesMetadata).toEqual(['everything']);
});

describe.runIf(majors.includes(18))('publications of 18', () => {
  test('filters, column lists, schemas, generated columns', async () => {
    const database = await cluster.database(18);
    await run(
      database,
      'CREATE SCHEMA "Shop"',
      'CREATE TABLE public.a (id int PRIMARY KEY, region text, z int)',
      'CREATE TABLE public.b (id int PRIMARY KEY, region text)',
      `CREATE PUBLICATION p FOR TABLE public.b WHERE (id > 1 AND region = 'e)u'),
         public.a WHERE ((id > 1) OR (id < -1)), TABLES IN SCHEMA "Shop"
         WITH (publish_generated_columns = stored)`,
      'CREATE PUBLICATION q FOR TABLE public.a (z, id)',
    );
    const state = await introspect(database.conninfo);
    expect(
      ofKind(state, 'publication').map(({ name, spec }) => ({ name, spec })),
    ).toMatchSnapshot();
  });

  test('a filter is in the user’s words until the server holds another', async () => {
    const database = await cluster.database(18);
    await installMetadata(database);
    await run(
      database,
      'CREATE TABLE public.a (id int PRIMARY KEY)',
      'CREATE PUBLICATION p FOR TABLE public.a WHERE (id>1)',
    );
    await remember(database, 'n/publication.p', {
      filters: { 'public.a': { raw: 'id>1', deparsed: '(id > 1)' } },
    });
    const filterOf = (state: NodeState) => ofKind(state, 'publication')[0]?.spec.tables[0]?.where;
    expect(filterOf(await introspect(database.conninfo))).toBe('id>1');
    await database.query('ALTER PUBLICATION p SET TABLE public.a WHERE (id > 2)');
    expect(filterOf(await introspect(database.conninfo))).toBe('id > 2');
  });
});
