// An initial copy by steep: every table at the snapshot that this run holds. A failure keeps slot and copy checkpoints,
// from which the next run continues; what was cancelled is rolled back when the run ends.

import { withStoredColumns } from '../../catalog/copies/read-renamed-targets.ts';
import { readTableMarks } from '../../catalog/copies/read-table-marks.ts';
import { assertMetadataCurrent } from '../../catalog/metadata/read-node-status.ts';
import { readPublicationMarks } from '../../catalog/objects/read-publication-marks.ts';
import { readAttemptDoubt, readNotedAttempts } from '../../catalog/slots/read-slot-identity.ts';
import { copyAllTables as copyAll } from '../../copy/copy-tables.ts';
import { atHeldSnapshot } from '../../copy/read/at-snapshot.ts';
import { recordSourceMarks } from '../../metadata/attempt-identity.ts';
import { beginCopying } from '../../metadata/copy-attempt.ts';
import { takeLease } from '../../metadata/queue/take-lease.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { addressOf } from '../../model/state/address.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { NotedAttempt } from '../../model/state/noted-attempt.ts';
import type { CopyTables } from '../../model/step/subscription-steps.ts';
import type { Executor, RunContext, SnapshotInUse } from '../executor.ts';
import { lockWaitPolicy } from '../lock-wait-policy.ts';
import { type FillHooks, fillAndReport } from '../wait/until-filled.ts';

const snapshotOf = (step: CopyTables, context: RunContext): SnapshotInUse => {
  const found = context.snapshots.get(addressOf(step.source, 'slot', step.slot));
  if (found !== undefined) return found;
  throw new SteepError(
    'SNAPSHOT_LOST',
    `The snapshot of slot ${step.slot} on node ${step.source} was not exported by this run.`,
    { suggestions: ['Run the same command again: it makes a new plan.'] },
  );
};

const asked = (step: CopyTables, { runId, clock, sleep, guard, seen }: RunContext) => {
  const { node, subscription, source, publications, tables, workers } = step;
  const { unchecked, holdTables } = step;
  return {
    node,
    subscription,
    source,
    publications,
    tables,
    workers,
    runId,
    clock,
    sleep,
    guard,
    seen,
    ...(unchecked === true && { unchecked }),
    ...(holdTables === true && { holdTables }),
  };
};

/** As the snapshot shows them: what another session changes of them from now on is told from it. */
const noteSource = async (
  step: CopyTables,
  { held }: SnapshotInUse,
  context: RunContext,
): Promise<NotedAttempt> => {
  const { node, source, subscription, publications, tables } = step;
  const metadata = context.metadata(node);
  const session = await context.openSession(source);
  try {
    const marks = await atHeldSnapshot(session, held.name, async () => ({
      publications: await readPublicationMarks(session, publications),
      tables: await readTableMarks(session, tables, publications),
    }));
    await recordSourceMarks(metadata, subscription, {
      ...marks,
      tables: await withStoredColumns(metadata, marks.tables),
    });
  } finally {
    await session.close();
  }
  const noted = (await readNotedAttempts(metadata, metadataVersion)).get(subscription);
  if (noted === undefined) throw notNoted(step);
  return noted;
};

const notNoted = ({ node, subscription }: CopyTables): SteepError =>
  new SteepError(
    'COPY_SLOT_CHANGED',
    `Node ${node}: the initial copy of ${subscription} has no record.`,
    { suggestions: ['Run the same command again: it makes a new plan.'] },
  );

const release = async (
  { held }: SnapshotInUse,
  { source, slot }: CopyTables,
  context: RunContext,
): Promise<void> => {
  context.snapshots.delete(addressOf(source, 'slot', slot));
  await held.release();
};

const fill = async (
  step: CopyTables,
  snapshot: SnapshotInUse,
  hooks: FillHooks,
  context: RunContext,
): Promise<unknown> => {
  const { node, source, slot } = step;
  const noted = await noteSource(step, snapshot, context);
  return copyAll({
    ...asked(step, context),
    ...hooks,
    locks: lockWaitPolicy(step, context),
    snapshot: snapshot.held,
    dumps: {
      tables: step.dumped ?? [],
      open: (request) => context.openDump(source, request),
    },
    openSource: () => context.openSession(source),
    checkSlot: (session) => readAttemptDoubt(session, slot, noted),
    openTarget: () => context.openSession(node),
    lease: (session) => takeLease(session, assertMetadataCurrent),
  });
};

export const copyTablesExecutor: Executor<CopyTables> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: ({ slot, workers, tables, dumped = [], holdTables, unchecked }) => [
    [
      `copy at the snapshot of slot ${slot}, with ${workers} workers: ${tables.map(formatName).join(', ')}`,
      ...(dumped.length === 0 ? [] : [`with pg_dump: ${dumped.map(formatName).join(', ')}`]),
      ...(holdTables === true
        ? ['with ACCESS SHARE locks on all tables of the source until the last row is read']
        : []),
      ...(unchecked === true ? ['without checking the rows at the end'] : []),
    ].join('; '),
  ],
  run: async (step, context) => {
    const snapshot = snapshotOf(step, context);
    const { node, subscription, slot } = step;
    const { runId, emit } = context;
    const following = { node, subscription, slot, runId, emit };
    await beginCopying(context.metadata(node), following, snapshot.held.lsn);
    await fillAndReport(
      step,
      {
        fill: (hooks) => fill(step, snapshot, hooks, context),
        keep: () => release(snapshot, step, context),
      },
      context,
    );
  },
};
