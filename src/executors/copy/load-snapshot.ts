// Loads tables from a snapshot on storage, exactly once whatever crashes: the copy checkpoints of the target know what
// is there already. A failure keeps it; what was cancelled is rolled back when the run ends.

import { withStoredColumns } from '../../catalog/copies/read-renamed-targets.ts';
import { readNotedAttempts } from '../../catalog/slots/read-slot-identity.ts';
import { recordTableMarks } from '../../metadata/attempt-identity.ts';
import { beginLoading } from '../../metadata/copy-attempt.ts';
import { progressText } from '../../model/copy/init-progress.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { formatSize } from '../../model/quantity.ts';
import { checkpointsKeyOf, type SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { LoadedSubscription, LoadSnapshot } from '../../model/step/subscription-steps.ts';
import { loadFiles as load } from '../../snapshot/load.ts';
import { anything, readTrustedManifest } from '../../snapshot/manifest/read-manifest.ts';
import type { VerifyProgress } from '../../snapshot/verify.ts';
import type { Executor, RunContext } from '../executor.ts';
import { lockWaitPolicy } from '../lock-wait-policy.ts';
import { noteFoundSlot } from '../slot/note-slot.ts';
import { type FillHooks, fillAndReport } from '../wait/until-filled.ts';

const otherSnapshot = (step: LoadSnapshot, { snapshotId }: SnapshotManifest): SteepError =>
  new SteepError(
    'SNAPSHOT_REPLACED',
    `${step.location} has snapshot ${snapshotId}, but the plan was made for snapshot ${step.snapshotId}.`,
    { suggestions: ['Plan again.'] },
  );

const verified = ({ bytesDone, bytesTotal }: VerifyProgress): string =>
  `verifying files: ${formatSize(bytesDone)} of ${formatSize(bytesTotal)}`;

const loadFiles = async (
  step: LoadSnapshot,
  hooks: FillHooks,
  context: RunContext,
): Promise<void> => {
  const { node, tables, workers, snapshotId, manifestSha256, unchecked, changed = [] } = step;
  const { runId, clock, sleep, guard, seen } = context;
  const storage = await context.openSnapshot(step.location);
  try {
    const { manifest, sha256 } = await readTrustedManifest(storage, anything);
    if (manifest.snapshotId !== snapshotId || sha256 !== manifestSha256)
      throw otherSnapshot(step, manifest);
    await noteTables(step, manifest, context);
    const openTarget = () => context.openSession(node);
    const locks = lockWaitPolicy(step, context);
    const checkpointsKey = checkpointsKeyOf(snapshotId);
    const what = { node, storage, manifest, tables, changed, checkpointsKey, runId, workers };
    const onVerify = (progress: VerifyProgress): void => context.progress(verified(progress));
    const asIs = unchecked === undefined ? {} : { unchecked };
    await load({
      ...what,
      ...asIs,
      openTarget,
      locks,
      guard,
      seen,
      clock,
      sleep,
      onVerify,
      ...hooks,
    });
  } finally {
    await storage.close();
  }
};

/** As they were at the position of the snapshot: what another session has changed of them since then is told from it. */
const noteTables = async (
  { node, subscription, tables, changed = [] }: LoadSnapshot,
  { tableMarks }: SnapshotManifest,
  context: RunContext,
): Promise<void> => {
  if (subscription === null || tableMarks === undefined) return;
  const metadata = context.metadata(node);
  const wanted = new Set(tables.map(formatName));
  const marks = tableMarks.filter((mark) => wanted.has(formatName(mark)));
  // Of what an earlier run has loaded, what the tables were then; what is emptied first is loaded into the tables of now.
  const noted = (await readNotedAttempts(metadata, metadataVersion)).get(subscription.name);
  const emptied = new Set(changed.map(formatName));
  const before = new Map(
    (noted?.tables ?? []).flatMap((mark) =>
      mark.stored === undefined || emptied.has(formatName(mark)) ? [] : [[formatName(mark), mark]],
    ),
  );
  const now = await withStoredColumns(metadata, marks);
  const all = now.map((mark) => before.get(formatName(mark)) ?? mark);
  await recordTableMarks(metadata, subscription.name, all);
};

/** No subscription follows yet: what is there stays, whatever ends the run. */
const loadAlone = (step: LoadSnapshot, context: RunContext): Promise<void> =>
  loadFiles(
    step,
    {
      signal: context.signal,
      onProgress: (copied) => context.progress(progressText(copied), copied.tables),
      onTable: () => undefined,
    },
    context,
  );

const loadFor = async (
  step: LoadSnapshot,
  { name: subscription, source, slot, lsn }: LoadedSubscription,
  context: RunContext,
): Promise<void> => {
  const { node, address, tables } = step;
  const { runId, emit } = context;
  const checkpointsKey = checkpointsKeyOf(step.snapshotId);
  const attempt = {
    node,
    subscription,
    source,
    slot,
    publicationsDigest: checkpointsKey,
    checkpointsKey,
  };
  await beginLoading(context.metadata(node), { ...attempt, runId, emit }, lsn);
  await noteFoundSlot({ source, slot, lsn }, { node, subscription }, context);
  context.loads.set(address, { node, subscription, source, slot, checkpointsKey });
  await fillAndReport(
    { node, source, subscription, tables },
    {
      fill: (hooks) => loadFiles(step, hooks, context),
      keep: async () => void context.loads.delete(address),
    },
    context,
  );
};

export const loadSnapshotExecutor: Executor<LoadSnapshot> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: ({ location, snapshotId, workers, tables, changed = [], unchecked }) => [
    ...(changed.length === 0
      ? []
      : [
          `empty the tables that others have changed since then: ${changed.map(formatName).join(', ')}`,
        ]),
    `load snapshot ${snapshotId} from ${location}, with ${workers} workers: ${tables.map(formatName).join(', ')}`,
    ...(unchecked === true ? ['do not check the rows at the end'] : []),
  ],
  run: (step, context) =>
    step.subscription === null
      ? loadAlone(step, context)
      : loadFor(step, step.subscription, context),
};
