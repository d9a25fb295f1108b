// Faults of slots and publications: another session drops, moves or creates again what an unfinished copy relies on.

import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world.ts';
import { onlyIn, type RunFault, type Stage } from './fault.ts';
import { killed } from './steep.ts';

interface Slot {
  readonly slot_name: string;
  readonly active: boolean;
  readonly lsn: string;
}

/** What is done with one subscriber says nothing of the others. */
const slotsOf = ({ act: { operation } }: World): string =>
  ['reinit', 'reset', 'full'].includes(operation) ? 'feed_target%' : 'feed%';

/** A slot of a subscription without a reader; null: all are read, or there is none. */
const idleSlot = async (world: World): Promise<Slot | null> => {
  const { source } = world;
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const slots = await source.database.query<Slot>(
      `SELECT slot_name::text, active, confirmed_flush_lsn::text AS lsn FROM pg_replication_slots
        WHERE database = current_database() AND slot_name LIKE '${slotsOf(world)}' ORDER BY 1`,
    );
    const idle = slots.find(({ active }) => !active);
    if (idle !== undefined || slots.length === 0) return idle ?? null;
    await sleep(100);
  }
  return null;
};

/** Then a slot may be past its last change already: no server can tell whether it was advanced. */
const isSubscribed = async ({ targets }: World): Promise<boolean> => {
  for (const { database } of targets) {
    const found = await database.query(
      `SELECT FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid WHERE d.datname = current_database()`,
    );
    if (found.length > 0) return true;
  }
  return false;
};

/** A subscription may begin to read it between the look and the statement: then nothing was struck. */
const actOnSlot = async (
  world: World,
  kind: string,
  statements: (slot: Slot) => string,
): Promise<string | null> => {
  if (kind !== 'drop-slot' && (await isSubscribed(world))) return null;
  const slot = await idleSlot(world);
  if (slot === null) return null;
  const done = await world.source.database.query(statements(slot)).then(
    () => true,
    (error: unknown) =>
      /is active for PID/.test(String(error)) ? false : Promise.reject(error as Error),
  );
  return done ? `${kind} of ${slot.slot_name} at ${slot.lsn}` : null;
};

/** Between a run that is killed and the next; a slot may be dropped whenever nobody reads it. */
const afterKill = (kind: string, statements: (slot: Slot) => string): RunFault => ({
  kind: `kill+${kind}`,
  late: true,
  ends: true,
  strike: killed,
  fits: (scene, act) =>
    scene.shape !== 'pair' &&
    onlyIn('copy', 'force')(scene, act) !==
      (kind === 'drop-slot' && onlyIn('reinit', 'reset', 'full', 'rename')(scene, act)),
  between: ({ world }: Stage) => actOnSlot(world, kind, statements),
});

/** While rows are copied. */
const beside = (kind: string, statements: (slot: Slot) => string): RunFault => ({
  kind,
  at: ['copy out', 'copy in'],
  fits: (scene, act) =>
    scene.init === 'parallel' && scene.shape !== 'pair' && onlyIn('copy', 'force')(scene, act),
  strike: async ({ description }, { world }) => {
    const done = await actOnSlot(world, kind, statements);
    return done === null ? null : `${done} ${description}`;
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

const advance = ({ slot_name }: Slot): string =>
  `SELECT pg_replication_slot_advance('${slot_name}', pg_current_wal_lsn())`;

const recreate = (slot: Slot): string =>
  [drop(slot), `SELECT pg_create_logical_replication_slot('${slot.slot_name}', 'pgoutput')`].join(
    '; ',
  );

const recreatePublications = async ({ source }: World): Promise<string | null> => {
  const there = await source.database.query('SELECT FROM pg_publication');
  if (there.length === 0) return null;
  try {
    await source.database.query(makeAgain);
  } catch (error) {
    // The run has dropped or renamed one meanwhile.
    if ((error as { readonly code?: string }).code === '42704') return null;
    throw error;
  }
  return `${there.length} publication dropped and made again`;
};

/**
 * What was restored by hand counts from the publication as it was then: steep refuses, and all begins again. Tables of a pair
 * are not copied again by a command (TARGET_SENT_ON).
 */
const notByHand: RunFault['fits'] = (_, { operation }) =>
  operation !== 'complete' && operation !== 'grow';

export const replicationFaults: readonly RunFault[] = [
  ...[
    ['drop-slot', drop] as const,
    ['advance-slot', advance] as const,
    ['recreate-slot', recreate] as const,
  ].flatMap(([kind, statements]) => [afterKill(kind, statements), beside(kind, statements)]),
  {
    kind: 'kill+recreate-publication',
    late: true,
    ends: true,
    fits: notByHand,
    strike: killed,
    between: ({ world }) => recreatePublications(world),
  },
  {
    kind: 'recreate-publication',
    late: true,
    fits: notByHand,
    strike: async ({ description }, { world, later }) => {
      // Beside the run, for whose locks it may have to wait.
      later(recreatePublications(world).then((done) => done ?? 'missed'));
      return Promise.resolve(`publications dropped and made again ${description}`);
    },
  },
];
