// Every attribute of a publication that ALTER PUBLICATION can change, on every major: in place, while rows
// are written, with the slot where it was.

import { beforeAll, describe, expect, test } from 'vitest';
import type { StepKind } from '../../../src/model/step/step.ts';
import { endsByDay, majors } from '../../support/servers/majors.ts';
import type { Topology } from '../../support/worlds/project.ts';
import {
  changeWhileWriting,
  createPair,
  expectAllArrives,
  expectNotBehind,
  type Pair,
  slotOf,
} from './replicating-pair.ts';

interface Attribute {
  readonly attribute: string;
  readonly since: number;
  /** What the publication is changed to; the changes follow one another. */
  readonly publication: object;
  readonly steps: readonly StepKind[];
  /** What the publisher's catalog says afterwards. */
  readonly catalog: readonly [query: string, expected: unknown];
}

const tables = ['beacon', 'items'];

const tablesOf = `SELECT string_agg(tablename, ' ' ORDER BY tablename) AS found
  FROM pg_publication_tables WHERE pubname = 'p'`;
const ofItems = (what: string): string =>
  `SELECT ${what} AS found FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    WHERE p.pubname = 'p' AND r.prrelid = 'items'::regclass`;
const ofPublication = (what: string): string =>
  `SELECT ${what} AS found FROM pg_publication p WHERE p.pubname = 'p'`;

const attributes: readonly Attribute[] = [
  {
    attribute: 'a table more',
    since: 14,
    publication: { tables: ['beacon', 'items', 'more'] },
    steps: ['alter-publication', 'refresh-subscription', 'wait-for-copy'],
    catalog: [tablesOf, 'beacon items more'],
  },
  {
    attribute: 'a table less',
    since: 14,
    publication: { tables },
    steps: ['alter-publication', 'refresh-subscription'],
    catalog: [tablesOf, 'beacon items'],
  },
  {
    attribute: 'a column list',
    since: 15,
    publication: { tables: ['beacon', { name: 'items', columns: ['id'] }] },
    steps: ['alter-publication'],
    catalog: [ofItems('r.prattrs::text'), '1'],
  },
  {
    attribute: 'a wider column list',
    since: 15,
    publication: { tables: ['beacon', { name: 'items', columns: ['id', 'note'] }] },
    steps: ['alter-publication'],
    catalog: [ofItems('r.prattrs::text'), '1 2'],
  },
  {
    attribute: 'a row filter instead',
    since: 15,
    publication: { tables: ['beacon', { name: 'items', where: 'id > 5' }] },
    steps: ['alter-publication'],
    catalog: [ofItems('pg_get_expr(r.prqual, r.prrelid)'), '(id > 5)'],
  },
  {
    attribute: 'another row filter',
    since: 15,
    publication: { tables: ['beacon', { name: 'items', where: 'id > 50' }] },
    steps: ['alter-publication'],
    catalog: [ofItems('pg_get_expr(r.prqual, r.prrelid)'), '(id > 50)'],
  },
  {
    attribute: 'a schema more',
    since: 15,
    publication: { tables, schemas: ['extra'] },
    steps: ['alter-publication', 'refresh-subscription', 'wait-for-copy'],
    catalog: [tablesOf, 'beacon items things'],
  },
  {
    attribute: 'a schema less',
    since: 15,
    publication: { tables },
    steps: ['alter-publication', 'refresh-subscription'],
    catalog: [tablesOf, 'beacon items'],
  },
  {
    attribute: 'publish',
    since: 14,
    publication: { tables, publish: ['insert', 'delete'] },
    steps: ['alter-publication'],
    catalog: [ofPublication('(pubinsert, pubupdate, pubdelete, pubtruncate)::text'), '(t,f,t,f)'],
  },
  {
    attribute: 'publish_via_partition_root',
    since: 14,
    publication: { tables, publish_via_partition_root: true },
    steps: ['alter-publication'],
    catalog: [ofPublication('pubviaroot'), true],
  },
  {
    attribute: 'publish_generated_columns',
    since: 18,
    publication: { tables, publish_generated_columns: 'stored' },
    steps: ['alter-publication'],
    catalog: [ofPublication('pubgencols'), 's'],
  },
];

const topology = (slot: string, publication: object): Topology => ({
  publications: { p: { node: 'publisher', ...publication } },
  subscriptions: {
    s: { node: 'subscriber', source: 'publisher', publications: ['p'], slot },
  },
  policy: { allow_hazards: ['FILTER_NO_BACKFILL', 'PUBLISH_NO_BACKFILL'] },
});

describe.each(endsByDay(majors))('PostgreSQL %i alters a publication in place', (major) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await createPair(major, (slot) => topology(slot, { tables }));
  });

  test.each(attributes.filter(({ since }) => major >= since))(
    '$attribute',
    async ({ publication, steps, catalog: [query, expected] }) => {
      const { plan, before } = await changeWhileWriting(pair, topology(pair.slot, publication));
      expect(plan.steps.map(({ kind }) => kind)).toEqual(steps);
      expect(await pair.publisher.query(query)).toEqual([{ found: expected }]);
      expect((await pair.steep.plan()).changes).toEqual([]);
      await expectAllArrives(pair);
      const after = await slotOf(pair);
      expect(after).toMatchObject({ slot: before.slot, active: true });
      expectNotBehind(before, after);
    },
  );
});
