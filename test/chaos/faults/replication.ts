// Faults of slots and publications: another session drops, moves or creates again what an unfinished copy relies on.

import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world.ts';
import type { Fault, Stage } from './fault.ts';
import { killed } from './steep.ts';

interface Slot {
  readonly slot_name: string;
  readonly active: boolean;
  readonly lsn: string;
}

/** A slot of a subscription without a reader; null: all are read, or there is none. */
const idleSlot = async ({ source }: World): Promise<Slot | null> => {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const slots = await source.database.query<Slot>(
      `SELECT slot_name::text, active, confirmed_flush_lsn::text AS lsn FROM pg_replication_slots
        WHERE database = current_database() AND slot_name LIKE 'feed%' ORDER BY 1`,
    );
    const idle = slots.find(({ active }) => !active);
    if (idle !== undefined || slots.length === 0) return idle ?? null;
    await sleep(100);
  }
  return null;
};

/**
 * A subscription may begin to read it between the look and the statement: then nothing was struck. The slot of a
 * subscription that replicates already may be past its last change: no server can tell whether it was advanced.
 */
const onSlot = (kind: string, statements: (slot: Slot) => string): Fault => ({
  kind: `kill+${kind}`,
  late: true,
  strike: killed,
  fits: ({ shape, operation }) =>
    shape !== 'pair' &&
    operation !== 'generate' &&
    (operation !== 'reinit' || kind === 'drop-slot'),
  between: async ({ world }: Stage) => {
    const slot = await idleSlot(world);
    if (slot === null) return null;
    const done = await world.source.database.query(statements(slot)).then(
      () => true,
      (error: unknown) =>
        /is active for PID/.test(String(error)) ? false : Promise.reject(error as Error),
    );
    return done ? `${kind} of ${slot.slot_name} at ${slot.lsn}` : null;
  },
});

const drop = ({ slot_name }: Slot): string => `SELECT pg_drop_replication_slot('${slot_name}')`;

/** In one transaction, with the same tables under the same name. */
const makeAgain = `DO $$
DECLARE p record; tables text;
BEGIN
  FOR p IN SELECT oid, * FROM pg_publication ORDER BY pubname LOOP
    SELECT string_agg(prrelid::regclass::text, ', ') INTO tables FROM pg_publication_rel WHERE prpubid = p.oid;
    EXECUTE format('DROP PUBLICATION %I', p.pubname);
    EXECUTE format('CREATE PUBLICATION %I FOR TABLE %s WITH (publish_via_partition_root = %s)', p.pubname, tables, p.pubviaroot::text);
  END LOOP;
END $$`;

export const replicationFaults: readonly Fault[] = [
  onSlot('drop-slot', drop),
  onSlot(
    'advance-slot',
    ({ slot_name }) => `SELECT pg_replication_slot_advance('${slot_name}', pg_current_wal_lsn())`,
  ),
  onSlot('recreate-slot', (slot) =>
    [drop(slot), `SELECT pg_create_logical_replication_slot('${slot.slot_name}', 'pgoutput')`].join(
      '; ',
    ),
  ),
  {
    kind: 'kill+recreate-publication',
    late: true,
    strike: killed,
    between: async ({ world: { source } }) => {
      const there = await source.database.query('SELECT FROM pg_publication');
      if (there.length === 0) return null;
      await source.database.query(makeAgain);
      return `${there.length} publication dropped and made again`;
    },
  },
];
