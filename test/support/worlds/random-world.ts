// Databases of three real servers under random topologies: written to, looked at, and compared with the model.

import { formatName, type QualifiedName } from '../../../src/model/identifier.ts';
import type { NodeName } from '../../../src/model/state/address.ts';
import { type Feed, feedsOf, ownedTables, RandomModel, type Rows } from '../plans/random-model.ts';
import {
  nodeNames,
  type RandomPair,
  type RandomTopology,
  tableNames,
} from '../plans/random-topologies.ts';
import { cluster, type TestDatabase } from '../servers/cluster.ts';
import { waitFor } from '../servers/wait.ts';

/** Not for partitions: those of a table are made with it. */
const createTables = (schema: string): string => `
  CREATE SCHEMA ${schema};
  ${tableNames
    .map((name) => {
      const parts = name === 'events' ? 'PARTITION BY RANGE (id)' : '';
      return `CREATE TABLE ${formatName({ schema, name })} (id int PRIMARY KEY, note text) ${parts};`;
    })
    .join('\n')}
  CREATE TABLE ${schema}.events_1 PARTITION OF ${schema}.events FOR VALUES FROM (0) TO (10);
  CREATE TABLE ${schema}.events_2 PARTITION OF ${schema}.events FOR VALUES FROM (10) TO (1000);`;

/** A row as PostgreSQL prints it. */
const rowText = ([id, note]: readonly [number, string | null]): string => {
  const text = note?.includes(' ') === true ? `"${note}"` : (note ?? '');
  return `(${id},${text})`;
};

const rowsText = (rows: Rows): string =>
  [...rows]
    .toSorted(([x], [y]) => x - y)
    .map(rowText)
    .join(' ');

export class RandomWorld {
  readonly #databases: ReadonlyMap<NodeName, TestDatabase>;
  readonly #model = new RandomModel();
  /** Above the filters and the first partition. */
  #lastId = 11;

  private constructor(databases: ReadonlyMap<NodeName, TestDatabase>) {
    this.#databases = databases;
  }

  /** All tables on all nodes, with the rows that the model begins with. */
  static async create({ majors }: RandomPair): Promise<RandomWorld> {
    const made = await Promise.all(
      nodeNames.map(async (node) => [node, await cluster.database(majors[node] ?? 0)] as const),
    );
    const world = new RandomWorld(new Map(made));
    await Promise.all(nodeNames.map((node) => world.#fill(node)));
    return world;
  }

  /** `A_URL` and so on. */
  get environment(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#databases].map(([node, { url }]) => [`${node.toUpperCase()}_URL`, url]),
    );
  }

  /** Different in every world: slots are names of a whole cluster. */
  get suffix(): string {
    return this.#databases.get('a')?.name ?? '';
  }

  /** Empties tables on their subscribers, as the remedy of COPY_INTO_NONEMPTY says: they are copied next. */
  async empty(copied: readonly Feed[]): Promise<void> {
    for (const feed of copied) {
      await this.#ask(feed.sub.node, `TRUNCATE ${formatName(feed.table)}`);
      this.#model.copyAnew(feed);
    }
  }

  /** Inserts, updates and deletes on every node, and waits until the subscribers have got that far. */
  async write(topology: RandomTopology): Promise<void> {
    const feeds = feedsOf(topology);
    this.#lastId += 1;
    for (const node of nodeNames) {
      const own = ownedTables.filter(({ schema }) => schema === node);
      const changes = own.map((table) => this.#model.change(table, this.#lastId, feeds));
      await this.#ask(node, changes.join('\n'));
      const [end] = await this.#ask(node, 'SELECT pg_current_wal_lsn() AS lsn');
      const readers = topology.subscriptions.filter((it) => it.enabled && it.source === node);
      for (const { slot } of readers) await this.#passed(node, slot, end?.lsn ?? '');
    }
  }

  /** Every table that holds other rows than it should, on the nodes that do not own it. */
  async wrong(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const node of nodeNames) {
      for (const table of ownedTables.filter(({ schema }) => schema !== node)) {
        const is = await this.#rowsOf(node, table);
        const should = rowsText(this.#model.rowsOf(node, table));
        if (is !== should)
          found.push(`${node} ${formatName(table)}: [${is}], expected [${should}]`);
      }
    }
    return found;
  }

  /** How far each slot of a subscription is confirmed, in bytes. */
  async slots(): Promise<ReadonlyMap<string, bigint>> {
    const query = `
      SELECT slot_name::text AS name, (confirmed_flush_lsn - '0/0'::pg_lsn)::text AS lsn
        FROM pg_replication_slots WHERE database = current_database() AND slot_name !~ '_sync_'`;
    const all = await Promise.all(nodeNames.map((node) => this.#ask(node, query)));
    return new Map(all.flat().map(({ name = '', lsn }) => [name, BigInt(lsn ?? 0)]));
  }

  /** Subscriptions first: a live one would come back to the slot that is being dropped. */
  async drop(): Promise<void> {
    const all = [...this.#databases.values()];
    await Promise.all(all.map((database) => database.dropSubscriptions()));
    await Promise.all(all.map((database) => database.drop()));
  }

  async #fill(node: NodeName): Promise<void> {
    const inserts = tableNames.map(
      (name) =>
        `INSERT INTO ${formatName({ schema: node, name })} SELECT n, 'first' FROM generate_series(1, 4) AS n;`,
    );
    await this.#ask(node, [...nodeNames.map(createTables), ...inserts].join('\n'));
  }

  async #rowsOf(node: NodeName, table: QualifiedName): Promise<string> {
    const query = `SELECT t::text AS row FROM ${formatName(table)} AS t ORDER BY id`;
    return (await this.#ask(node, query)).map(({ row }) => row).join(' ');
  }

  async #passed(node: NodeName, slot: string, lsn: string): Promise<void> {
    const query = `
      SELECT FROM pg_replication_slots WHERE database = current_database()
         AND slot_name LIKE '${slot}\\_%' AND confirmed_flush_lsn >= '${lsn}'`;
    await waitFor(
      `slot ${slot} to pass ${lsn}`,
      async () => (await this.#ask(node, query)).length > 0,
    );
  }

  #ask(node: NodeName, text: string): Promise<readonly Record<string, string>[]> {
    const database = this.#databases.get(node);
    if (database === undefined) throw new Error(`no database of node ${node}`);
    return database.query<Record<string, string>>(text);
  }
}
