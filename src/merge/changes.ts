// The keys that messages of the output plugin name, as the comparison names them.

import type { KeyText } from '../compare/difference/compared-table.ts';
import { texts, typedKeys } from '../compare/difference/end-sql.ts';
import { nameOfKey } from '../compare/repair/read-rows.ts';
import type { RepairedTable } from '../compare/repair/repaired-table.ts';
import { formatName, type QualifiedName, quoteIdentifier } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, sql } from '../postgres/sql/sql.ts';
import type { ChangeReader } from './pgoutput.ts';

/** By formatName of the table: names of keys; `all`: the table was truncated. */
export type ChangedKeys = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

/** Keys are held in memory. */
export const mostKeys = 1_000_000;
export const rowsAtOnce = 1000;

/** Relations whose changes are sent, by formatName: a partitioned table may be sent as its partitions. */
type ChangeSources = ReadonlyMap<string, RepairedTable>;

export const readChangeSources = async (
  session: Session,
  tables: readonly RepairedTable[],
): Promise<ChangeSources> => {
  const sources = new Map<string, RepairedTable>();
  for (const table of tables) {
    const name = table.ends.b.table;
    sources.set(formatName(name), table);
    const parts = await session.query<QualifiedName>(sql`
      SELECT n.nspname::text AS schema, c.relname::text AS name
        FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(${literalName(name)})) AS p
        JOIN pg_catalog.pg_class AS c ON c.oid = p.relid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace`);
    for (const part of parts) sources.set(formatName(part), table);
  }
  return sources;
};

const literalName = ({ schema, name }: QualifiedName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/** What a change cannot be counted to: a relation that is not known, or one of whose rows the key is not sent. */
export type OnUnread = (relation: string, table: string | null) => void;

/** Keys as the comparison names them: a value of the key can be printed in several ways. */
export class Changes {
  readonly keys = new Map<string, Set<string> | 'all'>();
  readonly #sources: ChangeSources;
  readonly #pending = new Map<RepairedTable, KeyText[]>();
  readonly #onUnread: OnUnread;
  size = 0;

  constructor(sources: ChangeSources, onUnread: OnUnread) {
    this.#sources = sources;
    this.#onUnread = onUnread;
  }

  add(read: ReturnType<ChangeReader['read']>): void {
    if ('truncated' in read) {
      for (const relation of read.truncated) {
        const table = this.#tableOf(formatName(relation));
        if (table !== null) this.keys.set(nameOf(table), 'all');
      }
      return;
    }
    for (const { table: relation, row } of read) {
      const from = formatName(relation);
      const table = this.#tableOf(from);
      if (table !== null && this.keys.get(nameOf(table)) !== 'all') this.#addRow(from, table, row);
    }
  }

  #tableOf(relation: string): RepairedTable | null {
    const table = this.#sources.get(relation) ?? null;
    if (table === null) this.#onUnread(relation, null);
    return table;
  }

  #addRow(from: string, table: RepairedTable, row: ReadonlyMap<string, string | null>): void {
    const key = table.ends.b.key.map(({ column }) => row.get(column) ?? null);
    // Another replica identity sends NULL, or nothing, for columns of this key. To take all rows for changed could delete some.
    if (key.includes(null)) {
      this.#onUnread(from, nameOf(table));
      return;
    }
    const pending = this.#pending.get(table) ?? [];
    pending.push(key);
    this.#pending.set(table, pending);
  }

  /** Reads the keys of tables of which at least so many are known. The tables may not be locked: their types are not used. */
  async settle(session: Session, atLeast: number): Promise<void> {
    for (const [table, keys] of this.#pending) {
      const name = nameOf(table);
      const found = this.keys.get(name) ?? new Set<string>();
      if (keys.length < atLeast || found === 'all') continue;
      const { key } = table.ends.b;
      const typed = typedKeys(key, keys);
      if (typed === null) throw new Error('a key of a merge has a type that is not built in');
      const rows = await session.query<{ readonly key: KeyText }>(
        ddl`SELECT ${texts(key)} AS key FROM (${typed}) AS t`,
      );
      for (const row of rows) found.add(nameOfKey({ hash: '', key: row.key }));
      this.size += rows.length;
      this.keys.set(name, found);
      this.#pending.delete(table);
    }
  }
}

const nameOf = ({ ends }: RepairedTable): string => formatName(ends.b.table);

export const isChangedSince = (changes: ChangedKeys, table: string, name: string): boolean => {
  const found = changes.get(table);
  return found === 'all' || found?.has(name) === true;
};
