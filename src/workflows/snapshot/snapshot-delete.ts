// steep snapshot delete: takes away a snapshot, and the slot on its source that waits for it. The slot goes first and
// what names the files goes last: whatever stops it, the same command again finishes it.

import { recordSnapshotDeleted } from '../../metadata/snapshots.ts';
import { SteepError } from '../../model/errors.ts';
import type { SnapshotEnding } from '../../model/event.ts';
import { interruption } from '../../model/plan/interruption.ts';
import type { UnreadNodes } from '../../model/report/read-result.ts';
import type { Deletion, DeletionReport } from '../../model/snapshot/snapshot-report.ts';
import { isIndex, type OwnFiles } from '../../snapshot/manifest/own-files.ts';
import { sideBySide } from '../../snapshot/stream/side-by-side.ts';
import type { ChosenNode, NodeChoice } from '../chosen-nodes.ts';
import type { Run } from '../operation/open-run.ts';
import { type OperationRequest, runToldOperation } from '../operation/run-operation.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { type SnapshotTeller, snapshotNews } from './snapshot-events.ts';
import { isSnapshotId, withStorage } from './snapshot-place.ts';
import { chooseRecord, findRecords } from './snapshot-records.ts';
import { clearSource, examineSource, openSource } from './snapshot-source.ts';
import { type DescribedSnapshot, subjectAt, subjectOnRecord } from './snapshot-subject.ts';

export interface DeleteRequest extends OperationRequest {
  readonly file: string;
  /** A place, or the id of one that is on record. */
  readonly snapshot: string;
  /** Its source. Null: the node that it names itself. */
  readonly node: NodeChoice | null;
  /** The slot stays, and so does what is on record. */
  readonly keepSlot: boolean;
  /** This slot is dropped although nothing on the source says that it is of the snapshot. */
  readonly dropSlot: string | null;
  /** Shows what goes, and asks. */
  readonly confirm: (deletion: Deletion) => Promise<boolean>;
}

interface Over {
  readonly outcome: 'over';
  readonly report: DeletionReport;
}

export type DeleteResult = Over | UnreadNodes;

/** @throws SteepError SNAPSHOT_UNKNOWN, SNAPSHOT_SOURCE, SNAPSHOT_SLOT_USED, SNAPSHOT_SLOT_UNKNOWN, RUN_LOCKED, INTERRUPTED. */
export const deleteSnapshot = (
  request: DeleteRequest,
  runtime: RuntimeEnvironment,
): Promise<DeleteResult> =>
  runToldOperation(
    'snapshot delete',
    request,
    runtime,
    snapshotNews('delete', request.node, ({ report }: Over) => endingOf(report)),
    (run, teller) => findAndDelete(request, run, teller),
  );

const endingOf = ({ outcome, files, slot }: DeletionReport): SnapshotEnding | null =>
  outcome === 'declined'
    ? null
    : {
        event: 'snapshot.deleted',
        files: files?.count ?? null,
        bytes: files?.bytes ?? null,
        slot: slot?.name ?? null,
      };

const findAndDelete = async (
  request: DeleteRequest,
  run: Run,
  { know }: SnapshotTeller,
): Promise<DeleteResult> => {
  const found = await findSubject(request, run.runtime);
  if (found.outcome !== 'found') return found;
  const { subject } = found;
  know({ snapshot_id: subject.snapshotId, location: subject.location });
  if (request.node === null) know({ node_id: subject.source });
  const source = request.keepSlot ? null : await findSource(subject, request, run);
  if (source !== null && 'outcome' in source) return source;
  return deleteFrom(subject, source, request, run);
};

/** Null: it cannot be reached, and there is nothing to do but to take a note. */
const findSource = async (
  subject: DescribedSnapshot,
  request: DeleteRequest,
  run: Run,
): Promise<ChosenNode | UnreadNodes | null> => {
  const isNeeded = subject.slot !== null || subject.holder !== null || request.node !== null;
  try {
    const source = await openSource(subject, request, run);
    return isNeeded || !('outcome' in source) ? source : null;
  } catch (error) {
    if (isNeeded || !(error instanceof SteepError)) throw error;
    return null;
  }
};

type FoundSubject =
  | { readonly outcome: 'found'; readonly subject: DescribedSnapshot }
  | UnreadNodes;

const findSubject = async (
  request: DeleteRequest,
  runtime: RuntimeEnvironment,
): Promise<FoundSubject> => {
  const { snapshot } = request;
  if (!isSnapshotId(snapshot)) return { outcome: 'found', subject: await subjectAt(snapshot) };
  const found = await findRecords(request, runtime);
  if (found.outcome !== 'read') return found;
  const { records, diagnostics } = found;
  const isThere = records.some(({ record }) => record.snapshotId === snapshot);
  if (!isThere && diagnostics.length > 0) return { outcome: 'unreadable', diagnostics };
  return { outcome: 'found', subject: await subjectOnRecord(chooseRecord(snapshot, records)) };
};

/** @param node null: nothing is done on the source. */
const deleteFrom = async (
  subject: DescribedSnapshot,
  node: ChosenNode | null,
  request: DeleteRequest,
  run: Run,
): Promise<DeleteResult> => {
  const onSource =
    node === null
      ? { slot: null, holder: null }
      : await examineSource(node, subject, request.dropSlot);
  const deletion = describe(subject, onSource);
  if (!(await request.confirm(deletion))) {
    return { outcome: 'over', report: { ...deletion, outcome: 'declined' } };
  }
  if (node !== null) {
    // A run that copies the slot right now would be left without it.
    await run.lock([node]);
    await clearSource(node, subject);
  }
  const left =
    subject.files === null ? [] : await removeFiles(subject.location, subject.files, request);
  if (node !== null && subject.snapshotId !== null) {
    const { runId } = run.identity;
    await recordSnapshotDeleted(node.metadata, { snapshotId: subject.snapshotId, runId });
  }
  return { outcome: 'over', report: { ...deletion, foreignFiles: left, outcome: 'deleted' } };
};

const describe = (
  subject: DescribedSnapshot,
  { slot, holder }: Pick<Deletion, 'slot' | 'holder'>,
): Deletion => {
  const { snapshotId, location, status, createdAt, lsn, files } = subject;
  return {
    snapshotId,
    location,
    status,
    createdAt,
    lsn,
    files:
      files === null
        ? null
        : { count: files.own.length, bytes: files.own.reduce((sum, { bytes }) => sum + bytes, 0) },
    foreignFiles: files?.foreign ?? [],
    slot,
    keptSlot: slot === null ? subject.slot : null,
    holder,
  };
};

const removedAtOnce = 8;

/** Answers what is left: files of others. */
const removeFiles = (
  location: string,
  { own }: OwnFiles,
  { signal }: DeleteRequest,
): Promise<readonly string[]> =>
  withStorage(location, async (storage) => {
    await storage.removePartials();
    const files = own.filter(({ kind }) => kind === 'file').map(({ path }) => path);
    await sideBySide(
      files.filter((path) => !isIndex(path)),
      removedAtOnce,
      async (path) => {
        if (signal.aborted) throw interruption(signal, signal.reason);
        await storage.remove(path);
      },
    );
    return storage.removeAll(files.filter(isIndex));
  });
