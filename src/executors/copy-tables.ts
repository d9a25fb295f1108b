// A first copy by steep: every table at the snapshot that this run holds. A failure keeps slot and ledger, from
// which the next run goes on; what was cancelled is taken back when the run ends.

import { copyTables as copyAll } from '../copy/copy-tables.ts';
import { beginCopying } from '../metadata/copy-attempt.ts';
import { addressOf } from '../model/address.ts';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import type { CopyTables } from '../model/subscription-steps.ts';
import type { Executor, RunContext, SnapshotInUse } from './executor.ts';
import { fillTables } from './until-filled.ts';
import { lockPatience } from './until-unlocked.ts';

const snapshotOf = (step: CopyTables, context: RunContext): SnapshotInUse => {
  const found = context.snapshots.get(addressOf(step.source, 'slot', step.slot));
  if (found !== undefined) return found;
  throw new SteepError(
    'SNAPSHOT_LOST',
    `The snapshot of slot ${step.slot} on node ${step.source} is not held by this run.`,
    { suggestions: ['Run the same command again: it plans from what is there.'] },
  );
};

const asked = (step: CopyTables, { runId, clock, sleep }: RunContext) => {
  const { node, subscription, source, publications, tables, workers } = step;
  return { node, subscription, source, publications, tables, workers, runId, clock, sleep };
};

const release = async (
  { held }: SnapshotInUse,
  { source, slot }: CopyTables,
  context: RunContext,
): Promise<void> => {
  context.snapshots.delete(addressOf(source, 'slot', slot));
  await held.release();
};

export const copyTables: Executor<CopyTables> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: ({ slot, workers, tables, dumped = [] }) =>
    [
      `-- copy at the snapshot of slot ${slot}, with ${workers} workers: ${tables.map(formatName).join(', ')}`,
      ...(dumped.length === 0 ? [] : [`with pg_dump: ${dumped.map(formatName).join(', ')}`]),
    ].join('; '),
  run: async (step, context) => {
    const snapshot = snapshotOf(step, context);
    const { node, subscription, slot, source } = step;
    const { runId, emit } = context;
    const following = { node, subscription, slot, runId, emit };
    await beginCopying(context.metadata(node), following, snapshot.held.lsn);
    await fillTables(
      step,
      {
        fill: (hooks) =>
          copyAll({
            ...asked(step, context),
            ...hooks,
            locks: lockPatience(step, context),
            snapshot: snapshot.held,
            dumps: {
              tables: step.dumped ?? [],
              open: (request) => context.openDump(source, request),
            },
            openSource: () => context.openSession(source),
            openTarget: () => context.openSession(node),
          }),
        keep: () => release(snapshot, step, context),
      },
      context,
    );
  },
};
