// Failures of a copy: which of them pass by themselves, and what a lost snapshot looks like.

import { type ChangedTable, describeChange } from '../model/copy/changed-table.ts';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import type { NodeName } from '../model/state/address.ts';
import type { AttemptDoubt } from '../model/state/noted-attempt.ts';
import { sqlState } from '../postgres/failures.ts';
import type { OtherName } from './read/same-names.ts';

/** invalid snapshot identifier (to 16), no such snapshot (17), and: the process that exported it has ended. */
const lostStates: readonly (string | null)[] = ['22023', '42704', '55000'];

/** Of the error of SET TRANSACTION SNAPSHOT; null: it is about something else. */
export const snapshotLost = (node: NodeName, error: unknown): SteepError | null =>
  lostStates.includes(sqlState(error)) ? snapshotGone(node, error) : null;

export const snapshotGone = (node: NodeName, cause: unknown): SteepError =>
  new SteepError(
    'SNAPSHOT_LOST',
    `Node ${node}: the exported snapshot of the copy no longer exists, because the connection that held it ended. The slot still exists.`,
    {
      suggestions: [
        'Run the same command again: complete tables are kept, and the others are copied again.',
      ],
      cause,
    },
  );

/** Of what an attempt noted and what its source has now. Only a new slot, or a new copy, is exact after it. */
export const slotChanged = (source: NodeName, { kind, why }: AttemptDoubt): SteepError =>
  new SteepError(codeOf[kind], `Node ${source}: ${why}.`, { suggestions: curesOf[kind] });

/** Of tables that were copied, or loaded from a snapshot on storage. */
export const tablesReplaced = (
  source: NodeName,
  tables: readonly ChangedTable[],
  isLoaded: boolean,
): SteepError =>
  new SteepError(
    'COPY_TABLE_REPLACED',
    `Node ${source}: tables were replaced or altered, or got other partitions, after they were copied: ${tables.map(describeChange).join('; ')}.`,
    {
      suggestions: [
        isLoaded
          ? 'Generate a new snapshot, name it in steep.yaml, and run the same command again: what was loaded is removed first.'
          : 'Run the same command again: these tables are emptied and copied again, the others are kept.',
      ],
    },
  );

/** While rows were read on the source, or stored on the target. */
export const columnsRenamed = (
  node: NodeName,
  { name, why }: OtherName,
  doing: 'read' | 'stored',
): SteepError =>
  new SteepError(
    'COPY_TABLE_REPLACED',
    `Node ${node}: ${formatName(name)} was altered while its rows were ${doing}: ${why}.`,
    { suggestions: [onceMore[doing]] },
  );

const onceMore = {
  read: 'Run the same command again, at a time when nothing alters the table; or with --hold-tables, so that such statements wait.',
  stored: 'Run the same command again, at a time when nothing alters the table.',
} as const;

const codeOf = {
  gone: 'COPY_SLOT_LOST',
  lost: 'COPY_SLOT_LOST',
  other: 'COPY_SLOT_CHANGED',
  published: 'COPY_PUBLICATION_CHANGED',
} as const satisfies Readonly<Record<AttemptDoubt['kind'], string>>;

const startsOver = 'Run the same command again: the copy starts over with a new slot.';

const curesOf: Readonly<Record<AttemptDoubt['kind'], readonly string[]>> = {
  gone: [startsOver],
  lost: [
    'Raise max_slot_wal_keep_size, or idle_replication_slot_timeout (18), on the source; SELECT pg_catalog.pg_reload_conf()',
    'Then run the same command again.',
  ],
  other: [
    'If another consumer reads this slot, give the subscription another slot with slot: NAME.',
    'Then run the same command again: the plan shows what starts over, and a slot is dropped only with consent.',
  ],
  published: [startsOver],
};
