// What the tables of a random topology must hold: a model of what the files say, which knows nothing of plans and
// of servers. Rows are numbered, and each has a note.

import { formatName, type QualifiedName } from '../../../src/model/identifier.ts';
import type { NodeName } from '../../../src/model/state/address.ts';
import type { WrittenSubscription } from '../../../src/topology/written-topology.ts';
import { nodeNames, publishedAs, type RandomTopology, tableNames } from './random-topologies.ts';

export type Rows = Map<number, string | null>;

/** What one subscription receives of one table. */
export interface Feed {
  readonly sub: WrittenSubscription;
  readonly table: QualifiedName;
  readonly publish: readonly string[];
  readonly columns: readonly string[] | null;
  readonly where: string | null;
  readonly viaPartitionRoot: boolean;
}

/** Every table by the node that owns it, which is its schema. */
export const ownedTables: readonly QualifiedName[] = nodeNames.flatMap((schema) =>
  tableNames.map((name) => ({ schema, name })),
);

/** What enabled subscriptions read; publications of one subscription share no table. */
export const feedsOf = ({ publications, subscriptions }: RandomTopology): readonly Feed[] =>
  subscriptions
    .filter(({ enabled }) => enabled)
    .flatMap((sub) =>
      publications
        .filter(({ node, name }) => node === sub.source && sub.publications.includes(name))
        .flatMap((publication) =>
          ownedTables.flatMap((table): readonly Feed[] => {
            const sent = publishedAs(publication, table);
            const { publish, viaPartitionRoot } = publication;
            return sent === null ? [] : [{ sub, table, publish, viaPartitionRoot, ...sent }];
          }),
        ),
    );

/** `c_from_a a.items`. */
const keyOf = ({ sub, table }: Feed): string => `${sub.name} ${formatName(table)}`;

/** A partitioned table that is read by its leaves and then by its root, or the other way round, is another one. */
const isSameTable = (one: Feed, other: Feed): boolean =>
  keyOf(one) === keyOf(other) &&
  (one.table.name !== 'events' || one.viaPartitionRoot === other.viaPartitionRoot);

/** What the second file copies: what it reads, and the first one did not. */
export const copiedFeeds = (
  before: RandomTopology | null,
  after: RandomTopology,
): readonly Feed[] => {
  const known = before === null ? [] : feedsOf(before);
  return feedsOf(after).filter((feed) => !known.some((it) => isSameTable(it, feed)));
};

export const keysOf = (feeds: readonly Feed[]): readonly string[] => feeds.map(keyOf).toSorted();

const passes = ({ where }: Feed, id: number): boolean =>
  where === null || id > Number(where.replace('id > ', ''));

/** The rows that each node should hold of each table. */
export class RandomModel {
  readonly #rows = new Map<string, Rows>();

  /** Four rows in every table of its owner. */
  constructor() {
    for (const table of ownedTables) {
      for (const id of [1, 2, 3, 4]) this.rowsOf(table.schema, table).set(id, 'first');
    }
  }

  rowsOf(node: NodeName, table: QualifiedName): Rows {
    const key = `${node} ${formatName(table)}`;
    const rows = this.#rows.get(key) ?? new Map<number, string | null>();
    this.#rows.set(key, rows);
    return rows;
  }

  /** The table is emptied on the subscriber, and copied. */
  copyAnew(feed: Feed): void {
    const held = this.rowsOf(feed.sub.node, feed.table);
    held.clear();
    for (const [id, note] of this.rowsOf(feed.table.schema, feed.table)) {
      if (passes(feed, id)) held.set(id, feed.columns === null ? note : null);
    }
  }

  /** One row in, the oldest one changed, the second one out; as SQL for its owner. */
  change(table: QualifiedName, id: number, feeds: readonly Feed[]): string {
    const own = this.rowsOf(table.schema, table);
    const [updated = 0, deleted = 0] = [...own.keys()].toSorted((x, y) => x - y);
    const note = `written ${id}`;
    own.set(id, note);
    own.set(updated, note);
    own.delete(deleted);
    const name = formatName(table);
    for (const feed of feeds.filter((it) => formatName(it.table) === name)) {
      this.#receive(feed, 'insert', id, note);
      this.#receive(feed, 'update', updated, note);
      this.#receive(feed, 'delete', deleted, note);
    }
    return `INSERT INTO ${name} VALUES (${id}, '${note}');
      UPDATE ${name} SET note = '${note}' WHERE id = ${updated};
      DELETE FROM ${name} WHERE id = ${deleted};`;
  }

  #receive(feed: Feed, what: 'insert' | 'update' | 'delete', id: number, note: string): void {
    if (!feed.publish.includes(what) || !passes(feed, id)) return;
    const held = this.rowsOf(feed.sub.node, feed.table);
    const seen = feed.columns === null ? note : null;
    if (what === 'delete') held.delete(id);
    else if (what === 'insert') held.set(id, seen);
    else if (held.has(id) && seen !== null) held.set(id, seen);
  }
}
