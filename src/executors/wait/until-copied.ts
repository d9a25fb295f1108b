// Looks on while PostgreSQL copies the tables of a subscription, and tells what it sees: as progress of the step,
// as events, and in steep_repl.

import { readTableSizes } from '../../catalog/copies/read-progress.ts';
import { emitInitTable } from '../../metadata/init/init-events.ts';
import { type ProgressNotes, progressNotes } from '../../metadata/init/init-progress.ts';
import { advanceInit, failInit, type InitRow, readInit } from '../../metadata/init/init-state.ts';
import { type InitProgress, progressText } from '../../model/copy/init-progress.ts';
import { isInitializing } from '../../model/copy/init-state.ts';
import {
  type ProgressState,
  reduceProgress,
  unseenProgress,
} from '../../model/copy/reduce-progress.ts';
import type { SubscriptionHealth, TableSyncProgress } from '../../model/edge/edge-reading.ts';
import type { InitSubject } from '../../model/event.ts';
import { nativeLook } from '../../model/state/native-copy.ts';
import type { WaitForCopy } from '../../model/step/subscription-steps.ts';
import type { RunContext } from '../executor.ts';

interface Seen {
  readonly rows: number;
  readonly bytes: number;
  readonly since: number;
}

export interface CopyWatch {
  readonly step: WaitForCopy;
  readonly context: RunContext;
  readonly subject: InitSubject;
  readonly errorsAtStart: number;
  /** An initial copy; otherwise tables that came later, of which these were not ready. */
  readonly init: boolean;
  readonly counted: ReadonlySet<string>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly notes: ProgressNotes;
  progress: ProgressState;
  readonly done: Set<string>;
  readonly seen: Map<string, Seen>;
}

const isFirst = (row: InitRow | null): boolean =>
  row !== null && (row.state === 'failed' || isInitializing(row.state));

/** A source that is not in the file, or does not answer, leaves the sizes unknown. */
const sizesOn = async (
  source: string | null,
  tables: ReadonlySet<string>,
  first: readonly TableSyncProgress[],
  context: RunContext,
): Promise<ReadonlyMap<string, number>> => {
  if (source === null) return new Map();
  const wanted = first.filter(({ table }) => tables.has(table)).map(({ name }) => name);
  return context
    .observer(source)
    .then((session) => readTableSizes(session, wanted))
    .catch(() => new Map());
};

export const watchCopy = async (
  step: WaitForCopy,
  context: RunContext,
  first: readonly TableSyncProgress[],
  health: SubscriptionHealth | null,
): Promise<CopyWatch> => {
  const { node, subscription } = step;
  const { runId, emit, clock } = context;
  const metadata = context.metadata(node);
  const row = await readInit(metadata, step);
  const init = isFirst(row);
  // One that failed continues now.
  await advanceInit(metadata, { node, subscription, runId, emit }, 'copying');
  const waited = first.filter(({ syncState }) => init || syncState !== 'r');
  const counted = new Set(waited.map(({ table }) => table));
  const source = row?.source ?? null;
  return {
    step,
    context,
    subject: { node_id: node, source_node: source, subscription },
    errorsAtStart: health?.syncErrors ?? 0,
    init,
    counted,
    sizes: await sizesOn(source, counted, first, context),
    notes: progressNotes({ node, subscription, runId, source, emit, clock }),
    progress: unseenProgress,
    done: new Set(),
    seen: new Map(),
  };
};

const tellRunning = (watch: CopyWatch, found: TableSyncProgress, percent: number): void => {
  const { seen, subject, context } = watch;
  const { table, rowsDone, bytesDone } = found;
  const before = seen.get(table) ?? { rows: 0, bytes: 0, since: null };
  seen.set(table, {
    since: before.since ?? context.clock(),
    rows: Math.max(before.rows, rowsDone),
    bytes: Math.max(before.bytes, bytesDone),
  });
  if (before.since !== null) return;
  emitInitTable(context.emit, subject, { kind: 'started', table, ...unseen }, percent);
};

const tellReady = (watch: CopyWatch, table: string, percent: number): void => {
  const { seen, done, subject, context } = watch;
  if (done.has(table)) return;
  done.add(table);
  const copied = seen.get(table);
  const facts =
    copied === undefined
      ? unseen
      : { rows: copied.rows, bytes: copied.bytes, durationMs: context.clock() - copied.since };
  emitInitTable(context.emit, subject, { kind: 'completed', table, ...facts }, percent);
};

const unseen = { rows: null, bytes: null, durationMs: null };

const tellTables = (
  watch: CopyWatch,
  tables: readonly TableSyncProgress[],
  { percent }: InitProgress,
): void => {
  for (const found of tables) {
    if (found.syncState === 'd') tellRunning(watch, found, percent);
    if (found.syncState === 'r') tellReady(watch, found.table, percent);
  }
};

/** Tells what one look has found. */
export const tellCopy = async (
  watch: CopyWatch,
  found: readonly TableSyncProgress[],
): Promise<void> => {
  const { context, step, notes, counted, sizes, seen } = watch;
  const tables = found.filter(({ table }) => watch.init || counted.has(table));
  watch.progress = reduceProgress(
    watch.progress,
    nativeLook({ tables, sizes, seen }, context.clock()),
  );
  const { progress } = watch.progress;
  await notes.note(context.metadata(step.node), progress);
  tellTables(watch, tables, progress);
  if (progress.tablesDone === progress.tablesTotal) return;
  context.progress(progressText(progress), progress.tables);
};

/** Every table is ready: an initial copy catches up now, and one of later tables is over. */
export const tellCopied = async (watch: CopyWatch): Promise<void> => {
  const { context, step, notes, init } = watch;
  const { node, subscription } = step;
  const { runId, emit } = context;
  const metadata = context.metadata(node);
  await advanceInit(metadata, { node, subscription, runId, emit }, 'catching_up');
  await notes.finish(metadata, init ? 'catching_up' : 'done');
};

/** It will not get on by itself. What cannot be written down must not hide the failure. */
export const tellFailed = async (
  watch: CopyWatch,
  waiting: readonly TableSyncProgress[],
  error: string,
): Promise<void> => {
  const { context, step, notes, init, subject } = watch;
  const { node, subscription } = step;
  const { runId, emit } = context;
  for (const { table } of waiting.filter(({ syncState }) => syncState === 'd')) {
    emitInitTable(emit, subject, { kind: 'failed', table, ...unseen, error }, notes.last().percent);
  }
  const metadata = context.metadata(node);
  await notes.finish(metadata, 'failed');
  if (!init) return;
  await failInit(metadata, { node, subscription, runId, emit, error }).catch(() => false);
};
