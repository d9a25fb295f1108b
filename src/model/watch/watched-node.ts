// A node while it is watched: its last look, whether it answers, and how its WAL and its snapshots grow.

import { type CopyPhase, copyPhases } from '../copy/init-phase.ts';
import { etaOf, lookAgain, type PaceLook, paceOf } from '../copy/pace.ts';
import { type ProgressState, reduceProgress, unseenProgress } from '../copy/reduce-progress.ts';
import { lsnDistance } from '../lsn.ts';
import type { NodeName } from '../state/address.ts';
import type { NodeLook, NodeLost, NodeSeen, SlotLook, SnapshotLook } from './watch-event.ts';

/** Milliseconds over which the growth of WAL is measured: writes come in bursts. */
const growthWithin = 60_000;

export interface WatchedNode {
  readonly name: NodeName;
  /** The last one; null: it has not answered yet. */
  readonly look: NodeLook | null;
  /** How often it was read since all nodes were last read as a whole. */
  readonly looksSinceSurvey: number;
  /** Why it is not read right now. */
  readonly lost: Pick<NodeLost, 'code' | 'message' | 'at'> | null;
  /** Retained WAL by slot. */
  readonly retained: ReadonlyMap<string, readonly PaceLook[]>;
  /** The end of its WAL, in bytes since its beginning. */
  readonly written: readonly PaceLook[];
  /** Of snapshots that are generated, by id. */
  readonly generating: ReadonlyMap<string, ProgressState>;
}

export const unseenNode = (name: NodeName): WatchedNode => ({
  name,
  look: null,
  looksSinceSurvey: 0,
  lost: null,
  retained: new Map(),
  written: [],
  generating: new Map(),
});

/** As steep_repl has it; the percentage is that of the bytes. */
const lookAtSnapshot = (snapshot: SnapshotLook, at: number) => {
  const { phase, bytesDone, bytesTotal, rows, tablesTotal, tablesDone } = snapshot;
  return {
    at,
    phase: copyPhases.find((known): known is CopyPhase => known === phase) ?? 'copying',
    percent:
      bytesTotal === null || bytesTotal === 0 ? 0 : Math.min(100, (100 * bytesDone) / bytesTotal),
    tablesTotal,
    tablesDone,
    rowsCopied: rows,
    bytesCopied: bytesDone,
    bytesTotal,
    moved: bytesDone,
    workers: 0,
    tables: [],
  };
};

/** Where its WAL ends, as its slots tell it; null: it has none. */
const endOfWal = ({ slots }: NodeLook): number | null => {
  const slot = slots.find(
    ({ restartLsn, retainedBytes }) => restartLsn !== null && retainedBytes !== null,
  );
  return slot === undefined
    ? null
    : lsnDistance('0/0', slot.restartLsn ?? '0/0') + (slot.retainedBytes ?? 0);
};

const writtenBy = (
  before: readonly PaceLook[],
  look: NodeLook,
  at: number,
): readonly PaceLook[] => {
  const amount = endOfWal(look);
  return amount === null ? [] : lookAgain(before, { at, amount }, growthWithin);
};

/** Bytes of WAL that the node writes in a second; null: it has no slot, or was seen too shortly. */
export const walWritten = ({ written }: WatchedNode): number | null => paceOf(written);

export const reduceNode = (before: WatchedNode, { look, at }: NodeSeen): WatchedNode => {
  const retained = look.slots.map(
    ({ name, retainedBytes }) =>
      [
        name,
        lookAgain(
          before.retained.get(name) ?? [],
          { at, amount: retainedBytes ?? 0 },
          growthWithin,
        ),
      ] as const,
  );
  const generating = look.snapshots
    .filter(({ status }) => status === 'generating')
    .map(
      (snapshot) =>
        [
          snapshot.snapshotId,
          reduceProgress(
            before.generating.get(snapshot.snapshotId) ?? unseenProgress,
            lookAtSnapshot(snapshot, at),
          ),
        ] as const,
    );
  return {
    ...before,
    look,
    looksSinceSurvey: before.looksSinceSurvey + 1,
    lost: null,
    retained: new Map(retained),
    written: writtenBy(before.written, look, at),
    generating: new Map(generating),
  };
};

export const loseNode = (before: WatchedNode, { code, message, at }: NodeLost): WatchedNode => ({
  ...before,
  lost: { code, message, at: before.lost?.at ?? at },
});

export interface SlotGrowth {
  /** Bytes of WAL a second; null: seen too shortly, or it shrinks. */
  readonly perSecond: number | null;
  /** Seconds until the slot is lost, at this pace; null: there is no limit, or it does not grow. */
  readonly lostIn: number | null;
}

export const slotGrowth = (
  { retained }: WatchedNode,
  { name, safeWalSize }: SlotLook,
): SlotGrowth => {
  const perSecond = paceOf(retained.get(name) ?? []);
  return { perSecond, lostIn: etaOf(0, safeWalSize, perSecond) };
};

/** The slot that keeps most WAL; null: it has none. */
export const oldestSlot = ({ look }: WatchedNode): SlotLook | null =>
  (look?.slots ?? []).reduce<SlotLook | null>(
    (oldest, slot) =>
      oldest === null || (slot.retainedBytes ?? 0) > (oldest.retainedBytes ?? 0) ? slot : oldest,
    null,
  );
