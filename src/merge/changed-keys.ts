// The keys that applications have changed on a node since its tables were locked once: what its slot would send.

import type { RepairedTable } from '../compare/repair/repaired-table.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { Session } from '../postgres/session.ts';
import { ddl, sql } from '../postgres/sql/sql.ts';
import { type ChangedKeys, Changes, mostKeys, readChangeSources, rowsAtOnce } from './changes.ts';
import { ChangeReader } from './pgoutput.ts';

export interface SlotToPeek {
  readonly slot: string;
  readonly publication: string;
  /** Commits before it are not counted. */
  readonly from: string;
}

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
    const changes = new Changes(await readChangeSources(session, tables), (table) => {
      throw unread(table);
    });
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
    `Table ${table}: a change that was made since the merge was interrupted cannot be counted to a row of a merged table, since it does not name the key of its row, or its table is no longer a part of a merged table. Nothing was changed on either node.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Remove the pair from steep.yaml, apply with --prune, and merge again: the rows are compared from the start.',
      ],
    },
  );
