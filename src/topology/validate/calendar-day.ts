// Days in steep.yaml: until when a rule applies.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { Topology } from '../topology.ts';

/** What is wrong with the day at `path`, if one is written there. */
export const dayFaults = (
  { document }: Topology,
  path: Path,
  day: string | undefined,
): readonly Diagnostic[] => {
  if (day === undefined || isDay(day)) return [];
  const place = document.valueAt(path);
  const detail = `\`${day}\` is not a date.`;
  return [finding('INVALID_VALUE', detail, place, ['Write it as YYYY-MM-DD: 2027-01-31'])];
};

/** A day that the calendar has: 2027-02-30 would be read as one of March. */
const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};
