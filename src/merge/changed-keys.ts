// The keys that applications have changed on a node since its tables were locked once: what its slot would send.

import { nameOfKey } from '../compare/repair/read-rows.ts';
import { formatRecord } from '../compare/repair/record-text.ts';
import type { RepairedTable } from '../compare/repair/repaired-table.ts';
import { valueText } from '../compare/row-hash.ts';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, join, qualified, sql } from '../postgres/sql/sql.ts';
import { ChangeReader } from './pgoutput.ts';

/** By formatName of the table: names of keys; `all`: the table was truncated. */
export type ChangedKeys = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

export interface SlotToPeek {
  readonly slot: string;
  readonly publication: string;
  /** Commits before it are not counted. */
  readonly from: string;
}

/** Keys are held in memory. */
const mostKeys = 1_000_000;
const rowsAtOnce = 1000;

/** @throws SteepError MERGE_TOO_MANY_CHANGES; pg's error, as where the slot is lost. */
export const readChangedKeys = async (
  session: Session,
  { slot, publication, from }: SlotToPeek,
  tables: readonly RepairedTable[],
): Promise<ChangedKeys> =>
  session.transaction({}, async () => {
    await session.query(sql`
      DECLARE steep_changes NO SCROLL CURSOR FOR
      SELECT p.data FROM pg_catalog.pg_logical_slot_peek_binary_changes(${slot}, NULL, NULL,
        'proto_version', '1', 'publication_names', pg_catalog.quote_ident(${publication}), 'origin', 'none') AS p`);
    const [position] = await session.query<{ readonly from: string }>(
      sql`SELECT (${from}::pg_lsn - '0/0'::pg_lsn)::text AS from`,
    );
    const start = BigInt(position?.from ?? 0);
    const changes = new Changes(tables);
    const reader = new ChangeReader();
    for (;;) {
      const some = await session.query<{ readonly data: Buffer }>(
        ddl`FETCH 1000 FROM steep_changes`,
      );
      if (some.length === 0) break;
      for (const { data } of some) {
        const read = reader.read(data);
        if (reader.commitLsn >= start) changes.add(read);
      }
      await changes.settle(session, rowsAtOnce);
      if (changes.size > mostKeys) throw tooMany(session);
    }
    await changes.settle(session, 1);
    return changes.keys;
  });

const tooMany = ({ node }: Session): SteepError =>
  new SteepError(
    'MERGE_TOO_MANY_CHANGES',
    `Node ${node}: more than ${mostKeys} keys were changed since the merge was interrupted.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Remove the pair from steep.yaml, apply with --prune, and merge again: the rows are compared from the start.',
      ],
    },
  );

const unread = (table: string): SteepError =>
  new SteepError(
    'MERGE_CHANGES_UNREAD',
    `Table ${table}: a change that was made since the merge was interrupted does not name the key of its row. Nothing was changed on either node.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Remove the pair from steep.yaml, apply with --prune, and merge again: the rows are compared from the start.',
      ],
    },
  );

/** Keys as the comparison names them: a value of the key can be printed in several ways. */
class Changes {
  readonly keys = new Map<string, Set<string> | 'all'>();
  readonly #tables: ReadonlyMap<string, RepairedTable>;
  readonly #pending = new Map<string, string[]>();
  size = 0;

  constructor(tables: readonly RepairedTable[]) {
    this.#tables = new Map(tables.map((table) => [formatName(table.ends.b.table), table]));
  }

  add(read: ReturnType<ChangeReader['read']>): void {
    if ('truncated' in read) {
      for (const table of read.truncated) this.keys.set(formatName(table), 'all');
      return;
    }
    for (const { table, row } of read) {
      const name = formatName(table);
      const known = this.#tables.get(name);
      if (known === undefined || this.keys.get(name) === 'all') continue;
      const key = known.ends.b.key.map(({ column }) => column);
      // Another replica identity sends NULL, or nothing, for columns of this key. To take all rows for changed could delete some.
      if (key.some((column) => (row.get(column) ?? null) === null)) throw unread(name);
      const record = known.stored.map((column) =>
        key.includes(column.name) ? (row.get(column.name) ?? null) : null,
      );
      const pending = this.#pending.get(name) ?? [];
      pending.push(formatRecord(record));
      this.#pending.set(name, pending);
    }
  }

  /** Reads the keys of tables of which at least so many are known. */
  async settle(session: Session, atLeast: number): Promise<void> {
    for (const [name, records] of this.#pending) {
      const table = this.#tables.get(name);
      const found = this.keys.get(name) ?? new Set<string>();
      if (table === undefined || records.length < atLeast || found === 'all') continue;
      const { key } = table.ends.b;
      const rows = await session.query<{ readonly key: readonly (string | null)[] }>(sql`
        SELECT ARRAY[${join(key.map(valueText))}]::text[] AS key
          FROM pg_catalog.unnest(${records}::${qualified(table.ends.b.table)}[]) AS t`);
      for (const row of rows) found.add(nameOfKey({ hash: '', key: row.key }));
      this.size += rows.length;
      this.keys.set(name, found);
      this.#pending.delete(name);
    }
  }
}

export const isChangedSince = (changes: ChangedKeys, table: string, name: string): boolean => {
  const found = changes.get(table);
  return found === 'all' || found?.has(name) === true;
};
