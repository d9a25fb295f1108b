// An edge while it is watched: the looks of the last seconds, the verdict on them, and how its lag and errors move.

import { type InitProgress, noProgress } from '../copy/init-progress.ts';
import { isUnderWay } from '../copy/init-reading.ts';
import { lookAgain, type PaceLook, paceOf } from '../copy/pace.ts';
import { type ProgressState, reduceProgress, unseenProgress } from '../copy/reduce-progress.ts';
import type { EdgeFacts } from '../edge/edge-facts.ts';
import { type EdgeStatus, judgeEdge } from '../edge/edge-health.ts';
import { errorsOf, isCleared, isDoubtful, settle } from '../edge/two-looks.ts';
import { type NativeTable, nativeLook } from '../state/native-copy.ts';
import type { EdgeSeen } from './watch-event.ts';

/** Milliseconds of looks on which the verdict rests: a worker that fails is started again after 5 s. */
const window = 7000;
/** PostgreSQL's own pause between two tries: what is doubtful for as long is so. */
const certainAfter = 5500;
/** Milliseconds: errors and conflicts are counted per minute. */
const minute = 60_000;
/** Lags that the sparkline shows. */
const lagsKept = 30;

interface TimedLook {
  readonly at: number;
  readonly facts: EdgeFacts;
}

export interface WatchedEdge {
  readonly status: EdgeStatus;
  readonly looks: readonly TimedLook[];
  /** No verdict of it waits for another look. */
  readonly certain: boolean;
  readonly tables: readonly NativeTable[];
  /** Bytes, the newest last. */
  readonly lags: readonly number[];
  readonly errors: readonly PaceLook[];
  readonly conflicts: readonly PaceLook[];
  /** Of a copy that no run of steep tells of. */
  readonly native: ProgressState;
}

/** What is doubtful may pass by itself: it is not judged before PostgreSQL has tried again. */
const isCertain = (looks: readonly TimedLook[]): boolean => {
  const [first, ...rest] = looks.map(({ facts }) => facts);
  if (first === undefined || !isDoubtful(first)) return true;
  const seenFor = (looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0);
  return seenFor >= certainAfter || (rest.length > 0 && isCleared([first, ...rest]));
};

const count = (
  before: readonly PaceLook[],
  amount: number | null,
  at: number,
): readonly PaceLook[] => (amount === null ? [] : lookAgain(before, { at, amount }, minute));

const nativeOf = (
  before: ProgressState,
  tables: readonly NativeTable[],
  at: number,
): ProgressState =>
  tables.every(({ syncState }) => syncState === 'r')
    ? unseenProgress
    : reduceProgress(before, nativeLook({ tables, sizes: new Map(), seen: new Map() }, at));

const unseenEdge: Omit<WatchedEdge, 'status' | 'certain'> = {
  looks: [],
  tables: [],
  lags: [],
  errors: [],
  conflicts: [],
  native: unseenProgress,
};

/** `maxLag`: policy.max_lag in bytes. */
export const reduceEdge = (
  before: WatchedEdge | null,
  { facts, tables: seen, at }: EdgeSeen,
  maxLag: number,
): WatchedEdge => {
  const known = before ?? unseenEdge;
  const recent = known.looks.filter((look) => at - look.at <= window);
  const looks = [...recent, { at, facts }];
  const certain = isCertain(looks);
  const tables = seen ?? known.tables;
  const [oldest, ...later] = looks.map((look) => look.facts);
  const settled = certain && oldest !== undefined ? settle([oldest, ...later]) : facts;
  return {
    status: { ...settled, verdict: judgeEdge(settled, maxLag) },
    looks,
    certain,
    tables,
    lags: [...known.lags, facts.lagBytes ?? 0].slice(-lagsKept),
    errors: count(known.errors, facts.applyErrors === null ? null : errorsOf(facts), at),
    conflicts: count(known.conflicts, facts.conflicts, at),
    native: nativeOf(known.native, tables, at),
  };
};

/** How often it was counted within the last minute; null: the server does not count it. */
export const perMinute = (looks: readonly PaceLook[]): number | null => {
  if (looks.length === 0) return null;
  const pace = paceOf(looks);
  return pace === null ? 0 : Math.round(pace * 60);
};

/** How far the copy of its tables is, whoever makes it; null: none is under way. */
export const edgeProgress = ({ status, native }: WatchedEdge): InitProgress | null => {
  const { init } = status;
  if (init !== null && isUnderWay(init)) return init.progress ?? noProgress;
  return native === unseenProgress ? null : native.progress;
};
