// The beginning of a snapshot: a new one, with its slot and a process that holds its moment; or that of an earlier run,
// if its moment is still held. One whose moment is gone is given up only where that was asked for.

import { readTableSizes } from '../../catalog/copies/read-progress.ts';
import { readSnapshotSource } from '../../catalog/copies/read-snapshot-source.ts';
import { anyColumns, type CodeGuard } from '../../copy/check/code-guard.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import {
  defaultSnapshotSlot,
  journalFile,
  manifestFile,
  type SnapshotAt,
  snapshotApplication,
} from '../../model/snapshot/snapshot.ts';
import type { Session } from '../../postgres/session.ts';
import { assertFreeSpace } from '../../snapshot/free-space-check.ts';
import type { RunningExporter } from '../../snapshot/hold/export-order.ts';
import { isExporterRunning, startExporter } from '../../snapshot/hold/snapshot-exporter.ts';
import {
  appendLine,
  type Journal,
  type JournalHeader,
  type JournalIntent,
  readJournal,
} from '../../snapshot/manifest/journal.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import { parseCompression } from '../../snapshot/stream/compression.ts';
import type { ChosenNode } from '../chosen-nodes.ts';
import { type Listener, readBeside } from '../read-beside.ts';
import { journalGone } from './journal-gone.ts';
import { chooseTables, type SnapshotChoiceRequest } from './snapshot-choice.ts';
import { giveUp, isSlot } from './snapshot-give-up.ts';

export interface BeginRequest extends SnapshotChoiceRequest, Listener {
  readonly compression: string;
  /** Null: one of steep's own name. False: none, so that nothing can follow the snapshot. */
  readonly slot: string | false | null;
  /** Give up what an earlier run has left here. */
  readonly restart: boolean;
  /** How long the exported snapshot is kept after a run was stopped. */
  readonly holdMs: number;
  readonly slotTimeoutMs: number;
  readonly guard: CodeGuard;
  readonly createdAt: Date;
  /** Letters and digits, for the name. */
  readonly random: string;
  /** Takes the run lock of the node, before anything is made or dropped there. */
  readonly lock: () => Promise<void>;
}

export interface Begun {
  readonly header: JournalHeader;
  /** Null: this run is the first one. */
  readonly journal: Journal | null;
}

/** @throws SteepError RUNS_FOREIGN_CODE, SNAPSHOT_GONE, SNAPSHOT_OTHER, SNAPSHOT_OCCUPIED, STORAGE_FULL, RUN_LOCKED, and what creating a slot throws. */
export const beginSnapshot = async (
  node: ChosenNode,
  storage: Storage,
  request: BeginRequest,
): Promise<Begun> => {
  const resumed = await resume(node, storage, request);
  if (resumed !== null) return resumed;
  await request.lock();
  // While this run waited for the lock, another one may have begun the snapshot.
  return (await resume(node, storage, request)) ?? (await start(node, storage, request));
};

/** Null: there is nothing to resume, or it is to be given up. Changes nothing on the node. */
const resume = async (
  node: ChosenNode,
  storage: Storage,
  request: BeginRequest,
): Promise<Begun | null> => {
  const journal = await readJournal(storage);
  const header = journal?.header ?? null;
  if (journal === null || header === null || request.restart) return null;
  await assertSame(node, storage, header, request);
  if (await isExporterRunning(node.session, at(storage, header), header.holder))
    return { header, journal };
  throw journalGone(storage, header, journal);
};

const start = async (node: ChosenNode, storage: Storage, request: BeginRequest): Promise<Begun> => {
  const journal = await readJournal(storage);
  if (journal === null) await assertVacant(storage);
  else await giveUp(node, storage, journal, request.slot);
  return { header: await beginNew(node, storage, request), journal: null };
};

async function beginNew(
  node: ChosenNode,
  storage: Storage,
  request: BeginRequest,
): Promise<JournalHeader> {
  const { session } = node;
  const tables = await readBeside(node, request, 'reading the tables', (reading) =>
    chooseTables(reading, request),
  );
  await request.guard(session, 'scan', anyColumns(tables));
  const source = await readSnapshotSource(session);
  await assertSpaceFor(storage, await readTableSizes(session, tables), request);
  const intent = intentOf(storage, request);
  if (intent.slot !== null) await assertFree(session, intent.slot);
  await appendLine(storage, { intent });
  const holder = await hold(node, storage, intent, request).catch(async (error: unknown) => {
    if (await leavesNoSlot(session, intent)) await storage.remove(journalFile);
    throw error;
  });
  const { publications, compression } = request;
  const header: JournalHeader = {
    formatVersion: 1,
    ...intent,
    createdAt: request.createdAt.toISOString(),
    source,
    lsn: holder.lsn,
    holder,
    choice: { tables, publications, compression },
  };
  await appendLine(storage, { header });
  return header;
}

/** Where a server crashed, or cannot be asked, the slot may be there: then the journal must tell that it is ours. */
const leavesNoSlot = async (session: Session, { slot }: JournalIntent): Promise<boolean> =>
  slot === null || !(await isSlot(session, slot).catch(() => true));

const assertSpaceFor = (
  storage: Storage,
  sizes: ReadonlyMap<unknown, number>,
  { compression }: BeginRequest,
): Promise<void> => {
  const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  return assertFreeSpace(storage, parseCompression(compression).codec, total);
};

const at = (
  { location }: Storage,
  { snapshotId }: Pick<JournalIntent, 'snapshotId'>,
): SnapshotAt => ({
  snapshotId,
  location,
});

const hold = (
  { name, conninfo }: ChosenNode,
  storage: Storage,
  intent: JournalIntent,
  { holdMs: idleMs, slotTimeoutMs }: BeginRequest,
): Promise<RunningExporter> =>
  startExporter({
    node: name,
    conninfo: conninfo.text,
    slot: intent.slot,
    applicationName: snapshotApplication(at(storage, intent)),
    idleMs,
    slotTimeoutMs,
  });

const intentOf = (storage: Storage, { createdAt, random, slot }: BeginRequest): JournalIntent => {
  const time = createdAt.toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 15);
  const snapshotId = `${time}_${random}`;
  const usual = defaultSnapshotSlot(at(storage, { snapshotId }));
  return { snapshotId, slot: slot === false ? null : (slot ?? usual) };
};

/** Before the intent to make it is on record: what is there by that name is not ours to drop. */
const assertFree = async (session: Session, slot: string): Promise<void> => {
  if (!(await isSlot(session, slot))) return;
  throw new SteepError(
    'SLOT_TAKEN',
    `Slot name ${slot} is taken in the cluster of node ${session.node}.`,
    {
      exit: ExitCode.refused,
      suggestions: ['Give the slot of the snapshot another name: --slot NAME'],
    },
  );
};

/** A directory that holds something else is no place for a snapshot: what is there could not be told from it. */
const assertVacant = async (storage: Storage): Promise<void> => {
  for await (const { path } of storage.list('')) {
    const what = path === manifestFile ? 'a snapshot' : path;
    throw new SteepError(
      'SNAPSHOT_OCCUPIED',
      `${storage.location} is not empty: it contains ${what}.`,
      {
        exit: ExitCode.refused,
        suggestions: ['Name a directory that is empty or does not exist yet.'],
      },
    );
  }
};

async function assertSame(
  { session }: ChosenNode,
  storage: Storage,
  { source, choice }: JournalHeader,
  { publications, compression }: BeginRequest,
): Promise<void> {
  const here = await readSnapshotSource(session);
  const differences = [
    ...(here.systemIdentifier === source.systemIdentifier && here.database === source.database
      ? []
      : [
          `of node ${source.node}, database ${source.database} of cluster ${source.systemIdentifier}`,
        ]),
    ...(choice.publications.join() === publications.join()
      ? []
      : [`of publications ${choice.publications.join(', ') || '(none)'}`]),
    ...(choice.compression === compression ? [] : [`with compression ${choice.compression}`]),
  ];
  if (differences.length === 0) return;
  throw new SteepError(
    'SNAPSHOT_OTHER',
    `${storage.location} has an unfinished snapshot ${differences.join(', ')}.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'To continue it, run the command that started it again.',
        'To discard it: add --restart',
      ],
    },
  );
}
