// A line of the text log for each event of a snapshot.

import type { SnapshotSubject } from '../../../model/event.ts';
import { formatDuration, formatPart, formatSize } from '../../../model/quantity.ts';
import type { EventHandlers } from '../../progress/event-handlers.ts';
import { share } from '../init-text.ts';

type SnapshotEventName = Extract<keyof EventHandlers, `snapshot.${string}`>;

export const snapshotTexts: Pick<EventHandlers<string>, SnapshotEventName> = {
  'snapshot.started': (event) =>
    `${subject(event)}: ${event.tables_total} tables at ${event.lsn}${event.resumed ? ', resumed' : ''}`,
  'snapshot.verifying': (event) =>
    `${subject(event)}: ${formatPart(event.bytes_done, event.bytes_total)}`,
  'snapshot.progress': (event) =>
    `${subject(event)}: ${event.phase}, ${share(event.overall_progress)}`,
  'snapshot.table_started': (event) => `${subject(event)}: ${event.table}`,
  'snapshot.table_complete': (event) =>
    `${subject(event)}: ${event.table}, ${event.rows_copied} rows, ${formatDuration(event.duration_ms)}`,
  'snapshot.table_failed': (event) => `${subject(event)}: ${event.table}: ${event.error}`,
  'snapshot.completed': (event) =>
    `${subject(event)}: ${event.rows_copied} rows, ${formatSize(event.bytes_copied)}, ${formatDuration(event.duration_ms)}`,
  'snapshot.unchanged': (event) => `${subject(event)}: it already existed`,
  'snapshot.failed': (event) => `${subject(event)}: ${event.code} ${event.error}`,
  'snapshot.deleted': (event) =>
    `${subject(event)}: ${event.files ?? 'no'} files, ${event.slot === null ? 'no slot' : `slot ${event.slot}`}`,
};

/** `generate 20261204_143000_k3x9 primary /backup/sales`, as far as it is known. */
const subject = ({ operation, snapshot_id, node_id, location }: SnapshotSubject): string =>
  [operation, snapshot_id, node_id, location].filter((part) => part !== null).join(' ');
