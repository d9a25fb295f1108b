// Which slots are at a position at which a publication that their subscription reads did not exist yet. Transaction ids tell
// which may be; only those are tried, and only while nobody reads them.

import { setTimeout as delay } from 'node:timers/promises';
import {
  type DoubtfulSlot,
  readDoubtful,
  type SlotReader,
} from '../../catalog/too-new/read-doubtful.ts';
import { type TrialResult, tryPublications } from '../../catalog/too-new/try-publications.ts';
import type { Address, NodeName } from '../../model/address.ts';
import { ExitCode } from '../../model/exit-code.ts';
import { lsnDistance } from '../../model/lsn.ts';
import type { Resource, ResourceOf } from '../../model/resource.ts';
import type { DesiredState, LiveState } from '../../model/state.ts';
import type { TooNew } from '../../model/too-new.ts';
import { type FailedList, formerLists } from '../../planner/too-new/former-lists.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../read-live.ts';

type Subscription = ResourceOf<'subscription'>;

/** An edge whose slot is to be tried. */
interface Candidate {
  readonly sub: Subscription;
  readonly source: NodeName;
  readonly slot: string;
  readonly session: Session;
  readonly publications: readonly string[];
}

/** The reader of a slot that cannot be read is there for a moment only, every few seconds. */
const looks = 10;
const betweenLooksMs = 200;

/** Longer is not waited for an answer: then nothing is said. What a plan relies on may take longer. */
const answerMs = 5000;
const proofMs = 30_000;

/** How much is read: to the first transaction that is sent, or all that is unread. */
interface Extent {
  readonly first: boolean;
  readonly timeoutMs: number;
}

const publicationsOn = (live: LiveState, node: NodeName): ReadonlySet<string> =>
  new Set(
    (live.nodes[node]?.resources ?? []).flatMap((it: Resource) =>
      it.kind === 'publication' ? [it.name] : [],
    ),
  );

/** What it reads; where that does not exist any more, what it is to read instead. */
const listOf = (
  sub: Subscription,
  source: NodeName,
  desired: DesiredState,
  live: LiveState,
): readonly string[] | null => {
  const there = publicationsOn(live, source);
  const wanted = desired.subscriptions.find(
    ({ node, name }) => node === sub.node && name === sub.name,
  );
  const lists = [sub.spec.publications, ...(wanted === undefined ? [] : [wanted.publications])];
  return lists.find((list) => list.length > 0 && list.every((name) => there.has(name))) ?? null;
};

const candidatesIn = (
  { desired }: Project,
  live: LiveState,
  { sessions }: OpenNodes,
): readonly Candidate[] =>
  Object.values(live.nodes).flatMap(({ resources }) =>
    resources.flatMap((sub) => {
      if (sub.kind !== 'subscription') return [];
      const { source, slot } = sub.spec;
      const session = sessions.get(source ?? '');
      if (source === null || slot === null || session === undefined) return [];
      const publications = listOf(sub, source, desired, live);
      return publications === null ? [] : [{ sub, source, slot, session, publications }];
    }),
  );

/** Tries while somebody reads the slot now and then; one who stays reads well. */
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

/** Whether nobody reads it, or only for moments. */
const isUnread = async (
  { slot, session, publications }: Candidate,
  first: DoubtfulSlot,
): Promise<boolean> => {
  let before: DoubtfulSlot | undefined = first;
  for (let look = 1; look < looks; look++) {
    if (before === undefined) return false;
    if (before.activePid === null) return true;
    await delay(betweenLooksMs);
    const [now]: readonly DoubtfulSlot[] = await readDoubtful(session, [{ slot, publications }]);
    if (now !== undefined && now.activePid !== before.activePid) return true;
    before = now;
  }
  return false;
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

const read = async (
  candidate: Candidate,
  doubtful: DoubtfulSlot,
  project: Project,
  live: LiveState,
): Promise<TooNew | null> => {
  if (!(await isUnread(candidate, doubtful))) return null;
  const failure = await failureOf(candidate);
  if (failure === null) return null;
  const { source, slot, publications } = candidate;
  const former = await formerOf(candidate, failure, project, live);
  return { source, slot, publications, tooNew: failure.failed.tooNew, former };
};

/** One after the other: they share the session of the node. */
const readOn = async (
  candidates: readonly Candidate[],
  project: Project,
  live: LiveState,
): Promise<readonly (readonly [Address, TooNew])[]> => {
  const [first] = candidates;
  if (first === undefined) return [];
  const found: (readonly [Address, TooNew])[] = [];
  for (const doubtful of await readDoubtful(first.session, candidates.map(readerOf))) {
    const candidate = candidates.find(({ slot }) => slot === doubtful.slot);
    const result = candidate && (await read(candidate, doubtful, project, live));
    if (candidate && result) found.push([candidate.sub.address, result]);
  }
  return found;
};

const readerOf = ({ slot, publications }: Candidate): SlotReader => ({ slot, publications });

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
        const doing = 'trying whether its slots can be read';
        throw toFailure(error, { node, doing, exit: ExitCode.incomplete });
      }
    }),
  );
  const tooNew = Object.fromEntries(found.flat());
  return Object.keys(tooNew).length === 0 ? live : { ...live, tooNew };
};
