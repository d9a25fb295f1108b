// The joined worker's side: takes a place in a copy that another process runs, and copies the loads that it is given, with the
// code that copies them there.

import { inWords } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { withoutSecrets } from '../../model/known-secrets.ts';
import type { Session } from '../../postgres/session.ts';
import { readExposed } from '../../postgres/sql/exposed-tables.ts';
import type { Wakeup } from '../../postgres/wakeup.ts';
import { type CodeGuard, lockAndGuard, usedBy } from '../check/code-guard.ts';
import {
  makeWorker,
  type Open,
  openForReading,
  openForWriting,
  type Worker,
} from '../copy-sessions.ts';
import type { CopiedPart } from '../fill/chunk-checkpoints.ts';
import { copyLoad } from '../fill/copy-load.ts';
import { keepHeapSmall } from '../fill/keep-heap-small.ts';
import type { Load } from '../read/choose-transfers.ts';
import { serverReader } from '../read/row-reader.ts';
import { viewInParts } from '../source/snapshot-view.ts';
import {
  enterCopy,
  type GivenTurn,
  leavePlace,
  moveTurn,
  noteBeat,
  type Offer,
  type PlaceState,
  readSourceIdentity,
  readTurn,
  type Turn,
  takenBack,
} from './joined-rows.ts';
import { receivedLoad } from './sent-load.ts';

export interface JoinWork {
  readonly offer: Offer;
  /** That holds the lease. Each statement of it here is a transaction of its own. */
  readonly control: Session;
  readonly lease: number;
  /** What the sessions of this worker are called. */
  readonly worker: string;
  readonly openSource: Open;
  /** Its sessions commit as the run, and only what was approved: assertClaimed, and assertApproved of `turn()`. */
  readonly openTarget: Open;
  /** Set before each load. */
  readonly onTurn: (turn: Turn) => void;
  readonly guard: CodeGuard;
  readonly lockTimeoutMs: number;
  /** Woken by NOTIFY. */
  readonly wakeup: Wakeup;
  /** Aborted: no further load is taken. */
  readonly stopping: AbortSignal;
  /** Aborted: what is under way is rolled back. */
  readonly stop: AbortSignal;
  readonly say: (text: string) => void;
}

/** Milliseconds. */
const beatEvery = 5000;
const lookEvery = 1000;
const mostFailures = 3;

/**
 * Until the copy has ended, the worker is to end, or its loads fail one after the other.
 * @returns how many loads it has stored.
 */
export const joinCopy = async (work: JoinWork): Promise<number> => {
  keepHeapSmall();
  const { control, offer, stopping, wakeup } = work;
  const id = await enterCopy(control, offer, work);
  if (id === null) return 0;
  const worker = sessionsOf(work);
  let stored = 0;
  try {
    for (let failures = 0; failures < mostFailures && !stopping.aborted; ) {
      const given = await readTurn(control, id);
      if (given === null) break;
      if (given.load === null) await wakeup.wokenWithin(lookEvery);
      else if (await takeTurn(work, worker, given, receivedLoad(given.load))) {
        stored += 1;
        failures = 0;
      } else failures += 1;
    }
  } finally {
    await worker.close();
    await leavePlace(control, id).catch(() => undefined);
  }
  return stored;
};

const sessionsOf = ({ offer, openSource, openTarget, lockTimeoutMs }: JoinWork): Worker =>
  makeWorker(
    async () => {
      const session = await openForReading(openSource, lockTimeoutMs);
      const found = await readSourceIdentity(session);
      if (found.systemIdentifier === offer.systemIdentifier && found.database === offer.database)
        return session;
      await session.close();
      throw new Error(`node ${offer.source} is another server here than where the copy runs`);
    },
    () =>
      openForWriting(openTarget, {
        replica: offer.replica,
        maintenanceWorkMem: null,
        lockTimeoutMs,
      }),
  );

/** @returns false: it was rolled back. */
async function takeTurn(
  work: JoinWork,
  worker: Worker,
  turn: GivenTurn,
  load: Load,
): Promise<boolean> {
  const { control, onTurn, stop, say } = work;
  onTurn(turn);
  const drop = (): void => void worker.drop().catch(() => undefined);
  const stopBeating = beat(control, turn, worker, drop);
  stop.addEventListener('abort', drop);
  try {
    stop.throwIfAborted();
    await store(work, worker, turn, load);
    await moveTurn(control, turn, ['approved'], 'stored');
    return true;
  } catch (error) {
    await worker.drop();
    const why = withoutSecrets(inWords(error)?.message ?? String(error));
    const names = load.parts.map(({ transfer }) => formatName(transfer.table.name));
    say(`${names[0] ?? 'Nothing'} is left to the run: ${why}`);
    await moveTurn(control, turn, underWay, 'failed', { error: why });
    return false;
  } finally {
    stopBeating();
    stop.removeEventListener('abort', drop);
  }
}

const underWay: readonly PlaceState[] = ['given', 'arrived', 'approved', 'refused'];

/** Also hears that the run has taken the load back. */
function beat(control: Session, turn: Turn, worker: Worker, drop: () => void): () => void {
  let asking = false;
  let isOver = false;
  const once = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const { pid } = await worker.target();
    const isMine = await noteBeat(control, turn, pid);
    asking = false;
    if (!isMine && !isOver) drop();
  };
  // What fails here fails the load, too.
  const beatOnce = (): void => void once().catch(() => (isOver ? undefined : drop()));
  beatOnce();
  const timer = setInterval(beatOnce, beatEvery);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

async function store(work: JoinWork, worker: Worker, turn: Turn, load: Load): Promise<void> {
  const { offer, guard, stop } = work;
  const [source, target] = [await worker.source(), await worker.target()];
  const tables = load.parts.map(({ transfer }) => usedBy(transfer));
  // Only one session at a time keeps the owner of such a table from changing it: the run has it.
  const exposed = await readExposed(
    target,
    tables.map(({ name }) => name),
  );
  if (exposed.size > 0) throw new Error(`its owner is a role that is not trusted`);
  const view = viewInParts(source, offer.snapshot);
  const how = { snapshot: offer.snapshot, openDump: null, stop, relays: true };
  await copyLoad(
    serverReader(view, how),
    target,
    load,
    {
      key: offer,
      lock: async () => {
        await lockAndGuard(target, guard, ['fill'], tables);
      },
      onBytes: () => undefined,
      onArrived: (parts) => askRun(work, turn, parts),
    },
    false,
  );
}

/** The run says whether the rows may be stored for good. @throws SteepError RUN_REPLACED: they may not. */
async function askRun(
  { control, wakeup }: JoinWork,
  turn: Turn,
  parts: readonly CopiedPart[],
): Promise<void> {
  const arrived = parts.map(({ rows, bytes }) => ({ rows, bytes }));
  if (!(await moveTurn(control, turn, ['given'], 'arrived', { arrived }))) {
    throw takenBack(control.node);
  }
  for (;;) {
    const now = await readTurn(control, turn.id);
    if (now?.number !== turn.number) throw takenBack(control.node);
    if (now.state === 'approved') return;
    if (now.state !== 'arrived') throw takenBack(control.node);
    await wakeup.wokenWithin(lookEvery);
  }
}
