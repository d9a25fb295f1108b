// Three real servers' databases under random topologies, and beside them what their tables must hold: a model
// of what the files say, which knows nothing of plans.

import type { QualifiedName } from '../../src/model/identifier.ts';
import { formatName } from '../../src/model/identifier.ts';
import type { WrittenSubscription } from '../../src/topology/written-topology.ts';
import { cluster, type TestDatabase } from './cluster.ts';
import {
  nodeNames,
  publishedAs,
  type RandomPair,
  type RandomTopology,
  tableNames,
} from './random-topologies.ts';
import { waitFor } from './wait.ts';

type Rows = Map<number, string | null>;

/** What one subscription receives of one table. */
interface Feed {
  readonly sub: WrittenSubscription;
  readonly table: QualifiedName;
  readonly publish: readonly string[];
  readonly columns: readonly string[] | null;
  readonly where: string | null;
  readonly viaPartitionRoot: boolean;
}

export interface RandomWorld {
  readonly databases: Readonly<Record<string, TestDatabase>>;
  /** `A_URL` and so on. */
  readonly environment: Readonly<Record<string, string>>;
  /** Tables by subscription, as `c_from_a a.items`, that the second file copies. */
  readonly copied: (before: RandomTopology | null, after: RandomTopology) => readonly string[];
  /** Empties those tables on their subscribers, as the remedy of COPY_INTO_NONEMPTY says. */
  readonly empty: (copied: readonly string[], after: RandomTopology) => Promise<void>;
  /** Inserts, updates and deletes on every publisher, and waits until subscribers have got that far. */
  readonly write: (topology: RandomTopology) => Promise<void>;
  /** Every table on a node that does not own it that holds other rows than it should. */
  readonly wrong: () => Promise<readonly string[]>;
  readonly drop: () => Promise<void>;
  /** LSN confirmed by each slot. */
  readonly slots: () => Promise<ReadonlyMap<string, bigint>>;
}

const owned = nodeNames.flatMap((schema) => tableNames.map((name) => ({ schema, name })));

const schemaOf = (schema: string): string => `
  CREATE SCHEMA ${schema};
  ${tableNames
    .filter((name) => name !== 'events')
    .map((name) => `CREATE TABLE ${formatName({ schema, name })} (id int PRIMARY KEY, note text);`)
    .join('\n')}
  CREATE TABLE ${schema}.events (id int PRIMARY KEY, note text) PARTITION BY RANGE (id);
  CREATE TABLE ${schema}.events_1 PARTITION OF ${schema}.events FOR VALUES FROM (0) TO (10);
  CREATE TABLE ${schema}.events_2 PARTITION OF ${schema}.events FOR VALUES FROM (10) TO (1000);`;

/** What enabled subscriptions read; publications of one subscription share no table. */
const feedsOf = ({ publications, subscriptions }: RandomTopology): readonly Feed[] =>
  subscriptions
    .filter(({ enabled }) => enabled)
    .flatMap((sub) =>
      publications
        .filter(({ node, name }) => node === sub.source && sub.publications.includes(name))
        .flatMap((publication) =>
          owned.flatMap((table): readonly Feed[] => {
            const sent = publishedAs(publication, table);
            const { publish, viaPartitionRoot } = publication;
            return sent === null ? [] : [{ sub, table, publish, viaPartitionRoot, ...sent }];
          }),
        ),
    );

const keyOf = ({ sub, table }: Feed): string => `${sub.name} ${formatName(table)}`;

/** A partitioned table that is read by its leaves and then by its root, or the other way round, is another one. */
const isSameTable = (one: Feed, other: Feed): boolean =>
  keyOf(one) === keyOf(other) &&
  (one.table.name !== 'events' || one.viaPartitionRoot === other.viaPartitionRoot);

const passes = ({ where }: Feed, id: number): boolean =>
  where === null || id > Number(where.replace('id > ', ''));

/** Creates the databases, with four rows in each table of its owner. */
export async function createRandomWorld({ majors }: RandomPair): Promise<RandomWorld> {
  const databases: Record<string, TestDatabase> = {};
  const rows = new Map<string, Rows>();
  const rowsOf = (node: string, table: QualifiedName): Rows => {
    const key = `${node} ${formatName(table)}`;
    const found = rows.get(key) ?? new Map<number, string | null>();
    rows.set(key, found);
    return found;
  };
  await Promise.all(
    nodeNames.map(async (node) => {
      const database = await cluster.database(majors[node] ?? 0);
      databases[node] = database;
      await database.query(nodeNames.map(schemaOf).join('\n'));
      const inserts = tableNames.map((name) => {
        for (const id of [1, 2, 3, 4]) rowsOf(node, { schema: node, name }).set(id, 'first');
        const table = formatName({ schema: node, name });
        return `INSERT INTO ${table} SELECT n, 'first' FROM generate_series(1, 4) AS n;`;
      });
      await database.query(inserts.join('\n'));
    }),
  );
  const ask = (node: string, text: string) => {
    const database = databases[node];
    if (database === undefined) throw new Error(`no database ${node}`);
    return database.query<Record<string, string>>(text);
  };
  let written = 11;

  const copy = (feed: Feed): void => {
    const held = rowsOf(feed.sub.node, feed.table);
    for (const [id, note] of rowsOf(feed.table.schema, feed.table)) {
      if (passes(feed, id)) held.set(id, feed.columns === null ? note : null);
    }
  };

  const receive = (feed: Feed, what: 'insert' | 'update' | 'delete', id: number, note: string) => {
    const held = rowsOf(feed.sub.node, feed.table);
    if (!feed.publish.includes(what) || !passes(feed, id)) return;
    if (what === 'delete') held.delete(id);
    else if (what === 'insert') held.set(id, feed.columns === null ? note : null);
    else if (held.has(id) && feed.columns === null) held.set(id, note);
  };

  /** One row in, the oldest one changed, the second one out. */
  const change = (table: QualifiedName, feeds: readonly Feed[]): string => {
    const own = rowsOf(table.schema, table);
    const [updated = 0, deleted = 0] = [...own.keys()].toSorted((x, y) => x - y);
    const note = `written ${written}`;
    own.set(written, note);
    own.set(updated, note);
    own.delete(deleted);
    for (const feed of feeds.filter((it) => formatName(it.table) === formatName(table))) {
      receive(feed, 'insert', written, note);
      receive(feed, 'update', updated, note);
      receive(feed, 'delete', deleted, note);
    }
    const name = formatName(table);
    return `INSERT INTO ${name} VALUES (${written}, '${note}');
      UPDATE ${name} SET note = '${note}' WHERE id = ${updated};
      DELETE FROM ${name} WHERE id = ${deleted};`;
  };

  return {
    databases,
    environment: Object.fromEntries(
      nodeNames.map((node) => [`${node.toUpperCase()}_URL`, databases[node]?.url ?? '']),
    ),
    copied: (before, after) => {
      const known = before === null ? [] : feedsOf(before);
      const copied = feedsOf(after).filter((feed) => !known.some((it) => isSameTable(it, feed)));
      return copied.map(keyOf).toSorted();
    },
    empty: async (copied, after) => {
      for (const feed of feedsOf(after).filter((it) => copied.includes(keyOf(it)))) {
        await ask(feed.sub.node, `TRUNCATE ${formatName(feed.table)}`);
        rowsOf(feed.sub.node, feed.table).clear();
        copy(feed);
      }
    },
    write: async (topology) => {
      const feeds = feedsOf(topology);
      written += 1;
      for (const node of nodeNames) {
        const own = owned.filter(({ schema }) => schema === node);
        await ask(node, own.map((table) => change(table, feeds)).join('\n'));
        const [end] = await ask(node, 'SELECT pg_current_wal_lsn() AS lsn');
        for (const { slot } of topology.subscriptions.filter(
          (sub) => sub.enabled && sub.source === node,
        )) {
          await waitFor(`slot ${slot} to pass ${end?.lsn}`, async () => {
            const passed = await ask(
              node,
              `SELECT FROM pg_replication_slots WHERE database = current_database()
                  AND slot_name LIKE '${slot}\\_%' AND confirmed_flush_lsn >= '${end?.lsn}'`,
            );
            return passed.length > 0;
          });
        }
      }
    },
    wrong: async () => {
      const found: string[] = [];
      for (const node of nodeNames) {
        for (const table of owned.filter(({ schema }) => schema !== node)) {
          const name = formatName(table);
          const actual = await ask(node, `SELECT t::text AS row FROM ${name} AS t ORDER BY id`);
          const expected = [...rowsOf(node, table)]
            .toSorted(([x], [y]) => x - y)
            .map(
              ([id, note]) =>
                `(${id},${note === null ? '' : `"${note}"`.replace(/"(\w+)"/, '$1')})`,
            );
          const [is, should] = [actual.map(({ row }) => row).join(' '), expected.join(' ')];
          if (is !== should)
            found.push(`${node} ${name}: ${is || 'empty'}; expected ${should || 'empty'}`);
        }
      }
      return found;
    },
    drop: async () => {
      const all = Object.values(databases);
      await Promise.all(all.map((database) => database.dropSubscriptions()));
      await Promise.all(all.map((database) => database.drop()));
    },
    slots: async () => {
      const all = await Promise.all(
        nodeNames.map((node) =>
          ask(
            node,
            `SELECT slot_name::text AS name, (confirmed_flush_lsn - '0/0'::pg_lsn)::text AS lsn
               FROM pg_replication_slots WHERE database = current_database() AND slot_name !~ '_sync_'`,
          ),
        ),
      );
      return new Map(all.flat().map(({ name = '', lsn }) => [name, BigInt(lsn ?? 0)]));
    },
  };
}
