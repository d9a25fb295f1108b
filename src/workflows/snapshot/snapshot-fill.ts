// Fills tables with the rows of a snapshot, and says in steep_repl of the node how far it is.

import type { CodeGuard } from '../../copy/check/code-guard.ts';
import type { CopyResult } from '../../copy/copy-request.ts';
import { type ProgressWriter, progressWriter } from '../../metadata/progress-writer.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import type { SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import { openSession, type Session } from '../../postgres/session.ts';
import { type LoadRequest, loadFiles } from '../../snapshot/load.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import type { ChosenNode } from '../chosen-nodes.ts';
import { silenceOptions } from '../nodes.ts';
import type { Run } from '../operation/open-run.ts';
import { sessionsOfRun } from '../operation/run-identity.ts';
import { sessionLockWaits } from '../operation/session-lock-waits.ts';

export interface SnapshotFilling extends Pick<LoadRequest, 'onProgress' | 'onVerify' | 'onTable'> {
  readonly node: ChosenNode;
  readonly storage: Storage;
  readonly manifest: SnapshotManifest;
  readonly tables: readonly QualifiedName[];
  readonly checkpointsKey: string;
  readonly run: Run;
  readonly workers: number;
  readonly check: boolean;
  readonly guard: CodeGuard;
  readonly say: (text: string) => void;
}

const opener =
  ({ node: { name: node, conninfo }, run: { identity, runtime } }: SnapshotFilling) =>
  (): Promise<Session> =>
    openSession(conninfo, { node, ...silenceOptions(node, runtime), ...sessionsOfRun(identity) });

/** For onlookers. The run itself tells the same as events of its own. */
const writerOf = (filling: SnapshotFilling): ProgressWriter => {
  const { node, checkpointsKey: subscription, run } = filling;
  const { identity, runtime } = run;
  const emit = (): void => undefined;
  const of = { node: node.name, source: null, subscription, runId: identity.runId };
  return progressWriter(opener(filling), { ...of, emit, clock: runtime.clock });
};

/** @throws SteepError: why it stopped. What is loaded stays, and is on record. */
export const fillFromSnapshot = async (filling: SnapshotFilling): Promise<CopyResult> => {
  const { node, storage, manifest, tables, checkpointsKey, run, workers, guard } = filling;
  const { identity, runtime, signal, sleep } = run;
  const writer = writerOf(filling);
  try {
    const result = await loadFiles({
      node: node.name,
      storage,
      manifest,
      tables,
      ...(filling.check ? {} : { unchecked: true as const }),
      checkpointsKey,
      runId: identity.runId,
      workers,
      openTarget: opener(filling),
      locks: sessionLockWaits(node.session, filling.say),
      guard,
      signal,
      clock: runtime.clock,
      sleep,
      onProgress: (progress) => {
        writer.report(progress);
        filling.onProgress(progress);
      },
      onVerify: filling.onVerify,
      onTable: filling.onTable,
    });
    await writer.finish('done');
    return result;
  } catch (error) {
    await writer.finish(signal.aborted ? 'cancelled' : 'failed');
    throw error;
  }
};
