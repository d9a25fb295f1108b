// Looks at the slot while the copy runs: where its WAL is gone, every further row would be copied in vain.

import type { NodeName } from '../model/address.ts';
import { SteepError } from '../model/errors.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql.ts';

const everyMs = 2000;

export interface SlotWatch {
  readonly source: NodeName;
  readonly slot: string;
  readonly open: () => Promise<Session>;
  readonly onLost: (failure: SteepError) => void;
}

/** Returns what ends the watch. A look that fails says nothing about the slot: the next one is on a new session. */
export const watchSlot = ({ source, slot, open, onLost }: SlotWatch): (() => Promise<void>) => {
  let session: Session | null = null;
  let looking: Promise<void> | null = null;
  const look = async (): Promise<void> => {
    if (session === null || session.closed) session = await open();
    const problem = await readProblem(session, slot);
    if (problem !== null) onLost(slotLost(source, slot, problem));
  };
  const tick = (): void => {
    looking ??= look()
      .catch(() => undefined)
      .finally(() => {
        looking = null;
      });
  };
  const timer = setInterval(tick, everyMs);
  tick();
  return async () => {
    clearInterval(timer);
    await looking;
    await session?.close();
  };
};

/** Null: the slot is well. Columns that came with 17 and 18 are read by name. */
const readProblem = async (session: Session, slot: string): Promise<string | null> => {
  const [row] = await session.query<SlotRow>(sql`
    SELECT s.wal_status, pg_catalog.to_jsonb(s) ->> 'invalidation_reason' AS reason
      FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = ${slot}`);
  if (row === undefined) return 'was dropped';
  if (row.reason !== null) return `was invalidated: ${row.reason}`;
  return row.wal_status === 'lost' ? 'was invalidated: wal_removed' : null;
};

interface SlotRow {
  readonly wal_status: string | null;
  readonly reason: string | null;
}

const slotLost = (source: NodeName, slot: string, problem: string): SteepError =>
  new SteepError(
    'COPY_SLOT_LOST',
    `Node ${source}: slot ${slot} ${problem}, while its first copy ran.`,
    {
      suggestions: [
        'Raise max_slot_wal_keep_size, or idle_replication_slot_timeout (18), on the source; SELECT pg_reload_conf()',
        'Then run the same command again.',
      ],
    },
  );
