// The events of an initial copy, as those who make it tell them: its tables here, its phases and how far it is in
// init-progress.ts, its states in init-state.ts. Writes nothing.

import type { EmitEvent, InitSubject } from '../../model/event.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';

/** What became of a table; rows and bytes are null where that was not measured. */
export interface InitTableEvent {
  readonly kind: 'started' | 'completed' | 'failed';
  readonly table: QualifiedName | string;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly durationMs: number | null;
  readonly error?: string;
}

/** `percent`, 0 to 100, is that of the whole copy. */
export const emitInitTable = (
  emit: EmitEvent,
  subject: InitSubject,
  { kind, table, rows, bytes, durationMs, error }: InitTableEvent,
  percent: number,
): void => {
  const where = {
    ...subject,
    table: typeof table === 'string' ? table : formatName(table),
    phase: 'copying',
    overall_progress: percent / 100,
  } as const;
  switch (kind) {
    case 'started':
      emit({ event: 'init.table_started', ...where });
      return;
    case 'completed':
      emit({
        event: 'init.table_complete',
        ...where,
        rows_copied: rows,
        bytes_copied: bytes,
        duration_ms: durationMs === null ? null : Math.round(durationMs),
      });
      return;
    case 'failed':
      emit(
        { event: 'init.table_failed', ...where, error: error ?? 'the reason is unknown' },
        'error',
      );
      return;
  }
};
