// Which of two rows of one key both nodes have in the end. Pure.

import type { RowValues } from '../compare/repair/read-rows.ts';
import type { MergeRule, MergeSide } from '../model/state/merge.ts';
import { digestOfRivals, type HandDecision, type Rivals } from './hand-decisions.ts';

export interface Decision {
  readonly winner: MergeSide;
  /** Why, as it is on record. */
  readonly rule: string;
  /** It is to be decided by hand, and is not, or was for other rows: it must not be carried out. */
  readonly fault?: 'undecided' | 'stale';
}

/**
 * @param skewMicros how far apart the clocks of the nodes may be: times that are closer say nothing.
 * @param byHand of manual: what was decided for the key; undefined: nothing was.
 */
export const decide = (
  { a, b }: Rivals,
  { strategy, modifiedColumn, tie }: MergeRule,
  skewMicros: bigint,
  byHand?: HandDecision,
): Decision => {
  if (strategy === 'manual' && byHand !== undefined) return decideByHand({ a, b }, byHand);
  if (b === undefined) return { winner: 'a', rule: 'only a' };
  if (a === undefined) return { winner: 'b', rule: 'only b' };
  if (strategy === 'manual') {
    return { winner: 'a', rule: 'manual, undecided', fault: 'undecided' };
  }
  if (strategy === 'prefer-node-a') return { winner: 'a', rule: strategy };
  if (strategy === 'prefer-node-b') return { winner: 'b', rule: strategy };
  const later = laterOf(timeIn(a, modifiedColumn), timeIn(b, modifiedColumn), skewMicros);
  return later === null
    ? { winner: tie, rule: 'last-modified, tie' }
    : { winner: later, rule: strategy };
};

/** Whoever decided has seen both rows. */
const decideByHand = (rivals: Rivals, { keep, rows }: HandDecision): Decision =>
  rows === digestOfRivals(rivals)
    ? { winner: keep, rule: 'manual' }
    : { winner: 'a', rule: 'manual, stale', fault: 'stale' };

const timeIn = (row: RowValues, column: string | null): Time | null => {
  const text = column === null ? null : (row.get(column) ?? null);
  return text === null ? null : microsOf(text);
};

/** Microseconds since 1970, or an end of time. */
type Time = bigint | 'infinity' | '-infinity';

const laterOf = (a: Time | null, b: Time | null, skewMicros: bigint): MergeSide | null => {
  if (a === null || b === null || a === b) return null;
  if (a === 'infinity' || b === '-infinity') return 'a';
  if (b === 'infinity' || a === '-infinity') return 'b';
  const ahead = a - b;
  if (ahead <= skewMicros && -ahead <= skewMicros) return null;
  return ahead > 0n ? 'a' : 'b';
};

const pattern =
  /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/** A time with its zone as PostgreSQL prints it with DateStyle ISO; null: it is none, as one without a zone. */
export const microsOf = (text: string): Time | null => {
  if (text === 'infinity' || text === '-infinity') return text;
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, year, month, day, hours, minutes, seconds, fraction = '', sign, ...zone] = match;
  const date = new Date(0);
  const fullYear = zone[3] === undefined ? Number(year) : 1 - Number(year);
  date.setUTCFullYear(fullYear, Number(month) - 1, Number(day));
  date.setUTCHours(Number(hours), Number(minutes), Number(seconds));
  const [zoneHours = '0', zoneMinutes = '0', zoneSeconds = '0'] = zone;
  const offset = Number(zoneHours) * 3600 + Number(zoneMinutes) * 60 + Number(zoneSeconds);
  const utcMs = date.getTime() - (sign === '-' ? -offset : offset) * 1000;
  return Number.isNaN(utcMs) ? null : BigInt(utcMs) * 1000n + BigInt(fraction.padEnd(6, '0'));
};
