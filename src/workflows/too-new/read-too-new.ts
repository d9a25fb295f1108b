// Which slots are at a position at which a publication that their subscription reads did not exist yet. Transaction ids
// tell which may be; only those are tried, and only while they have no reader.

import { setTimeout as delay } from 'node:timers/promises';
import { readSlotReaders, type SlotReading } from '../../catalog/too-new/read-slot-readers.ts';
import { type TrialResult, tryPublications } from '../../catalog/too-new/try-publications.ts';
import { lsnDistance } from '../../model/lsn.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { Address } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import type { TooNew } from '../../model/state/too-new.ts';
import { type FailedList, formerLists } from '../../planner/too-new/former-lists.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import { type Candidate, candidatesIn, readerOf, readsFormer } from './candidates.ts';

/** The reader of a slot that cannot be read is there for a moment only, every few seconds. */
const looks = 10;
const betweenLooksMs = 200;

/** Longer is not waited for an answer: then nothing is reported. What a plan relies on may take longer. */
const answerMs = 5000;
const proofMs = 30_000;

/** How much is read: to the first transaction that is sent, or all that is unread. */
interface Extent {
  readonly first: boolean;
  readonly timeoutMs: number;
}

/** Tries again while a session reads the slot for moments; a session that stays can read it. */
const attempt = async (
  { slot, session }: Candidate,
  publications: readonly string[],
  extent: Extent,
): Promise<TrialResult> => {
  for (let look = 1; ; look++) {
    const trial = { slot, publications, upto: null, ...extent };
    const result = await tryPublications(session, trial);
    if (result.kind !== 'busy' || look === looks) return result;
    await delay(betweenLooksMs);
  }
};

/** read: all the time; unread: never, or only for moments; well: there is no doubt any more. */
const stateOf = async (
  candidate: Candidate,
  first: SlotReading,
): Promise<'read' | 'unread' | 'well'> => {
  let before: SlotReading | undefined = first;
  for (let look = 1; look < looks; look++) {
    if (before === undefined || !(before.doubtful || readsFormer(candidate))) return 'well';
    if (before.activePid === null) return 'unread';
    await delay(betweenLooksMs);
    const [now]: readonly SlotReading[] = await readSlotReaders(candidate.session, [
      readerOf(candidate),
    ]);
    if (now !== undefined && now.activePid !== before.activePid) return 'unread';
    before = now;
  }
  return 'read';
};

/** Whether the slot can be read further with these names than with those that failed. */
const readsFurther = (result: TrialResult, failedAt: string): boolean =>
  result.kind === 'read' ||
  (result.kind === 'missing' && result.lsn !== null && lsnDistance(failedAt, result.lsn) > 0);

/**
 * Where the server skips what is missing, both names are read, and each is sent while it exists. Between the two there must be
 * no change: that would be skipped, and not be noticed.
 */
const followEachOther = (result: TrialResult, former: readonly string[]): boolean => {
  if (result.kind !== 'missing') return result.kind === 'read';
  const lastNew = result.skipped.findLastIndex((name) => !former.includes(name));
  const firstFormer = result.skipped.findIndex((name) => former.includes(name));
  return result.complete && (firstFormer === -1 || firstFormer > lastNew);
};

/** Whether the former names exist where the slot is. */
const beginsWith = (result: TrialResult, former: readonly string[]): boolean =>
  result.kind === 'read' ||
  (result.kind === 'missing' && !former.includes(result.publications[0] ?? ''));

interface Failure {
  readonly failed: FailedList;
  /** Null: the server reads on without what is missing. */
  readonly lsn: string | null;
  /** How much had to be read for it. */
  readonly extent: Extent;
}

const formerOf = async (
  candidate: Candidate,
  { failed, lsn, extent }: Failure,
  { desired }: Project,
  live: LiveState,
): Promise<readonly string[] | null> => {
  // What is prepared is decoded later when it is tried than when it is sent.
  if (lsn !== null && candidate.sub.spec.options.two_phase === 'true') return null;
  const proof = { first: lsn !== null && extent.first, timeoutMs: proofMs };
  for (const { publications: former, declared } of formerLists(failed, desired, live)) {
    if (lsn === null) {
      const both = [...new Set([...former, ...failed.publications])];
      const names = former.filter((name) => !failed.publications.includes(name));
      const result = await attempt(candidate, both, proof);
      const covers = declared ? beginsWith(result, names) : followEachOther(result, names);
      if (covers) return both.toSorted();
    } else if (readsFurther(await attempt(candidate, former, proof), lsn)) {
      return former;
    }
  }
  return null;
};

/** What was confirmed last may be older than what was sent: then the beginning is read, and the failure comes later. */
const failureOf = async (candidate: Candidate): Promise<Failure | null> => {
  const { sub, source, publications } = candidate;
  for (const first of [true, false]) {
    const extent = { first, timeoutMs: answerMs };
    const result = await attempt(candidate, publications, extent);
    if (result.kind === 'missing') {
      const failed = { sub, source, publications, tooNew: result.publications };
      return { failed, lsn: result.lsn, extent };
    }
    if (result.kind !== 'read') return null;
  }
  return null;
};

/** It needs its list still, perhaps: a plan was interrupted, or the names were changed manually. */
const underFormerNames = (candidate: Candidate): TooNew | null => {
  const { sub, source, slot, publications } = candidate;
  const former = sub.spec.publications;
  return readsFormer(candidate)
    ? { source, slot, publications, tooNew: publications, former, certain: false }
    : null;
};

/** Reading a slot, even without moving it, takes the attribute REPLICATION. */
const mayTry = ({ source }: Candidate, { nodes }: LiveState): boolean => {
  const reader = nodes[source]?.server.reader;
  return reader === undefined || reader.superuser || reader.replication;
};

const read = async (
  candidate: Candidate,
  first: SlotReading,
  project: Project,
  live: LiveState,
): Promise<TooNew | 'untried' | null> => {
  const state = await stateOf(candidate, first);
  if (state === 'well') return null;
  if (state === 'read') return first.doubtful ? underFormerNames(candidate) : null;
  if (first.doubtful && !mayTry(candidate, live)) return underFormerNames(candidate) ?? 'untried';
  const failure = first.doubtful ? await failureOf(candidate) : null;
  if (failure === null) return underFormerNames(candidate);
  const { source, slot, publications } = candidate;
  const former = await formerOf(candidate, failure, project, live);
  return { source, slot, publications, tooNew: failure.failed.tooNew, former, certain: true };
};

/** One after the other: they share the session of the node. */
const readOn = async (
  candidates: readonly Candidate[],
  project: Project,
  live: LiveState,
): Promise<readonly (readonly [Address, TooNew | 'untried'])[]> => {
  const [first] = candidates;
  if (first === undefined) return [];
  const found: (readonly [Address, TooNew | 'untried'])[] = [];
  for (const reading of await readSlotReaders(first.session, candidates.map(readerOf))) {
    const candidate = candidates.find(({ slot }) => slot === reading.slot);
    const result = candidate && (await read(candidate, reading, project, live));
    if (candidate && result) found.push([candidate.sub.address, result]);
  }
  return found;
};

/** Adds what was found, by the address of the subscription. @throws SteepError where a node does not answer any more. */
export const readTooNew = async (
  live: LiveState,
  project: Project,
  nodes: OpenNodes,
): Promise<LiveState> => {
  const candidates = candidatesIn(project, live, nodes);
  const found = await Promise.all(
    [...Map.groupBy(candidates, ({ source }) => source)].map(async ([node, own]) => {
      try {
        return await readOn(own, project, live);
      } catch (error) {
        const doing = 'checking whether its slots can be read';
        throw toFailure(error, { node, doing, exit: ExitCode.incomplete });
      }
    }),
  );
  const all = found.flat();
  const tooNew = Object.fromEntries(
    all.flatMap(([address, it]) => (it === 'untried' ? [] : [[address, it]])),
  );
  const untried = all.flatMap(([address, it]) => (it === 'untried' ? [address] : []));
  return {
    ...live,
    ...(Object.keys(tooNew).length > 0 && { tooNew }),
    ...(untried.length > 0 && { untried }),
  };
};
