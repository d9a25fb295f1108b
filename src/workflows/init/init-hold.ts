// While a user takes a backup: the snapshot is held, and the rows that it shows are counted and hashed, so that `steep
// init complete` can tell whether all of them are present.

import { readHashVersion } from '../../compare/hash-version.ts';
import { readTableEvidence, type TablePart } from '../../compare/read-evidence.ts';
import { anyColumns, type CodeGuard } from '../../copy/check/code-guard.ts';
import { atSnapshot } from '../../copy/read/at-snapshot.ts';
import type { HeldSnapshot } from '../../copy/read/hold-snapshot.ts';
import { recordEvidence } from '../../metadata/init/init-slots.ts';
import type { Evidence, EvidenceKind, TableEvidence } from '../../model/copy/manual-init.ts';
import { SteepError } from '../../model/errors.ts';
import { interruption } from '../../model/plan/interruption.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';

export interface HoldRequest {
  readonly evidence: EvidenceKind;
  /** How long the snapshot is held; 0: until the evidence is there. */
  readonly holdMs: number;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** For people: what has been done meanwhile. */
  readonly say: (text: string) => void;
}

export interface Held {
  readonly snapshot: HeldSnapshot;
  readonly parts: readonly TablePart[];
  /** Reads at the snapshot; may be slow, and is cancelled at an interrupt. */
  readonly reader: Session;
  /** Where steep_repl of the source is. */
  readonly metadata: Session;
  readonly guard: CodeGuard;
}

/** A transaction keeps a lock on each table that it has read. */
const tablesATransaction = 100;

const readBatch = (
  { reader, snapshot }: Held,
  batch: readonly TablePart[],
  kind: Evidence['kind'],
): Promise<readonly TableEvidence[]> =>
  atSnapshot(reader, snapshot.name, async () => {
    const found: TableEvidence[] = [];
    for (const part of batch) found.push(await readTableEvidence(reader, part, kind));
    return found;
  });

const takeEvidence = async (
  held: Held,
  kind: Evidence['kind'],
  stop: AbortSignal,
): Promise<Evidence> => {
  const tables: TableEvidence[] = [];
  for (let start = 0; start < held.parts.length; start += tablesATransaction) {
    stop.throwIfAborted();
    const batch = held.parts.slice(start, start + tablesATransaction);
    // Of the present: the snapshot does not show what was attached to a table since.
    await held.guard(held.reader, 'scan', anyColumns(batch.map(({ table }) => table)));
    tables.push(...(await readBatch(held, batch, kind)));
  }
  if (kind === 'counts') return { kind, tables };
  return { kind, hashVersion: await readHashVersion(held.reader), tables };
};

const noEvidence = 'Without it, steep init complete cannot check a dump that is taken now.';

/** @throws SteepError when the rows could not be read, or the slot is another one by now. */
const noteEvidence = async (held: Held, request: HoldRequest, stop: AbortSignal): Promise<void> => {
  const { evidence: kind, runId, say, signal } = request;
  if (kind === 'none') return;
  const cancel = (): void => void held.reader.cancel().catch(() => undefined);
  stop.addEventListener('abort', cancel);
  try {
    const evidence = await takeEvidence(held, kind, stop);
    const { slot } = held.snapshot;
    const isOurs = await recordEvidence(held.metadata, { slot, runId }, evidence);
    if (!isOurs) throw replaced(slot);
    say(`Evidence (${kind}) of ${evidence.tables.length} tables is recorded.`);
  } catch (error) {
    say(`No evidence was recorded. ${noEvidence}`);
    if (signal.aborted) throw interruption(signal, error);
    throw toFailure(error, { node: held.reader.node, doing: 'reading the rows at the snapshot' });
  } finally {
    stop.removeEventListener('abort', cancel);
  }
};

const replaced = (slot: string): SteepError =>
  new SteepError(
    'INIT_PREPARED',
    `Slot ${slot} was prepared again by another run in the meantime.`,
    {
      suggestions: ['Use the snapshot and the position of that run.'],
    },
  );

const snapshotLost = (slot: string, cause: unknown): SteepError =>
  new SteepError(
    'INIT_SNAPSHOT_LOST',
    `The connection that held the exported snapshot of slot ${slot} has ended: a dump that has not started yet can no longer use it.`,
    {
      suggestions: [
        'The slot still exists, and a physical backup taken now can be used with it.',
        'For a dump, start over: steep init prepare … --renew',
      ],
      cause,
    },
  );

/** Until the time is over. Rejects when it is interrupted, or the snapshot is lost. */
const holdOn = ({ snapshot }: Held, { holdMs, signal }: HoldRequest): Promise<void> =>
  new Promise((resolve, reject) => {
    const { lost, slot } = snapshot;
    const timer = holdMs === 0 ? null : setTimeout(() => end(resolve), holdMs);
    const onAbort = (): void => end(() => reject(interruption(signal, signal.reason)));
    const onLost = (): void => end(() => reject(snapshotLost(slot, lost.reason)));
    const end = (settle: () => void): void => {
      if (timer !== null) clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      lost.removeEventListener('abort', onLost);
      settle();
    };
    if (signal.aborted) return onAbort();
    if (lost.aborted) return onLost();
    signal.addEventListener('abort', onAbort);
    lost.addEventListener('abort', onLost);
    if (holdMs === 0) end(resolve);
  });

/** setTimeout takes no more: about 24 days. */
export const longestHoldMs = 2 ** 31 - 1;

/**
 * Holds the snapshot for a while, and at least until the evidence is there.
 * @throws SteepError INTERRUPTED, INIT_SNAPSHOT_LOST; the slot stays in either case.
 */
export const holdForBackup = async (held: Held, request: HoldRequest): Promise<void> => {
  // Without the snapshot, or after an interrupt, the rows are read no further.
  const stop = AbortSignal.any([request.signal, held.snapshot.lost]);
  const evidence = noteEvidence(held, request, stop);
  try {
    await Promise.all([evidence, holdOn(held, request)]);
  } finally {
    // Its session is that of the audit log as well: what comes next would be written into its read-only transaction.
    await evidence.catch(() => undefined);
  }
};
