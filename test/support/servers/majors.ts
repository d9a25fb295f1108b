// The PostgreSQL majors and the pairs of them that tests run on.

import { sandboxMajors } from '../../../src/sandbox/binaries.ts';

export const allMajors: readonly number[] = sandboxMajors;

const chosen = process.env.STEEP_TEST_MAJORS;

/** All that steep supports, or those of STEEP_TEST_MAJORS (`14,18`). */
export const majors: readonly number[] = allMajors.filter(
  (major) => !chosen || chosen.split(',').map(Number).includes(major),
);

/** Newest of the majors that run: what a test uses that does not care. */
export const newestMajor = Math.max(...majors);

/** What repeats, or differs rarely, is left to the night: STEEP_TEST_NIGHTLY=1. */
export const isByDay = process.env.STEEP_TEST_NIGHTLY === undefined;

/** For a single test of minutes, of which another one by day shows most. */
export const isAtNight = !isByDay;

export type MajorPair = readonly [publisher: number, subscriber: number];

/** Upgrades are the use, so the matrix is over pairs; STEEP_TEST_PAIRS=all runs every one. */
export const pairs: readonly MajorPair[] = (
  process.env.STEEP_TEST_PAIRS === 'all'
    ? allMajors.flatMap((from) => allMajors.map((to): MajorPair => [from, to]))
    : ([
        [15, 15],
        [14, 18],
        [16, 17],
        [18, 18],
      ] as const)
).filter((pair) => pair.every((major) => majors.includes(major)));

/** For what is about crashes more than about versions: the widest upgrade, and all of them at night. */
export const fewPairs: readonly MajorPair[] = isByDay
  ? pairs.filter(([, to]) => to === newestMajor).slice(0, 1)
  : pairs;

/** By day the first alone, at night all of them: for what another test shows of the others. */
export const firstByDay = <T>(cases: readonly T[]): readonly T[] =>
  isByDay ? cases.slice(0, 1) : cases;

/** By day the first and the last of them, at night all: for what differs between majors if at all. */
export const endsByDay = <T>(cases: readonly T[]): readonly T[] =>
  isByDay ? [...new Set([...cases.slice(0, 1), ...cases.slice(-1)])] : cases;

/** By day the last of them, the newest, at night all: for what is of steep more than of majors. */
export const lastByDay = <T>(cases: readonly T[]): readonly T[] =>
  isByDay ? cases.slice(-1) : cases;
