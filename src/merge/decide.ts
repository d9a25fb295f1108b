// Which of two rows of one key both nodes have in the end. Pure.

import type { RowValues } from '../compare/repair/read-rows.ts';
import type { MergeRule, MergeSide } from '../model/state/merge.ts';

export interface Decision {
  readonly winner: MergeSide;
  /** Why, as it is on record. */
  readonly rule: string;
}

/** Rows of one key; at least one of them is there. */
export interface Rivals {
  readonly a: RowValues | undefined;
  readonly b: RowValues | undefined;
}

/** @param skewMicros how far apart the clocks of the nodes may be: times that are closer say nothing. */
export const decide = (
  { a, b }: Rivals,
  { strategy, modifiedColumn, tie }: MergeRule,
  skewMicros: bigint,
): Decision => {
  if (b === undefined) return { winner: 'a', rule: 'only a' };
  if (a === undefined) return { winner: 'b', rule: 'only b' };
  if (strategy === 'prefer-node-a') return { winner: 'a', rule: strategy };
  if (strategy === 'prefer-node-b') return { winner: 'b', rule: strategy };
  const later = laterOf(timeIn(a, modifiedColumn), timeIn(b, modifiedColumn), skewMicros);
  return later === null
    ? { winner: tie, rule: 'last-modified, tie' }
    : { winner: later, rule: strategy };
};

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
