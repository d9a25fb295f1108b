// The file with decisions that were made by hand: a line of JSON for each key, with both rows as whoever decided saw them,
// and `keep`, which says whose row both nodes have in the end. Pure.

import { createHash } from 'node:crypto';
import type { RowValues } from '../compare/repair/read-rows.ts';
import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { MergeSide } from '../model/state/merge.ts';

/** Rows of one key; at least one of them is there. */
export interface Rivals {
  readonly a: RowValues | undefined;
  readonly b: RowValues | undefined;
}

export interface HandDecision {
  readonly keep: MergeSide;
  /** Of both rows as they were. */
  readonly rows: string;
}

/** By nameOfHandKey; a key that is not decided yet has no entry. */
export type HandDecisions = ReadonlyMap<string, HandDecision>;

type Values = Readonly<Record<string, string | null>>;

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

/** @param table as formatName has it. */
const nameOfHandKey = (table: string, key: Values): string =>
  JSON.stringify([table, Object.entries(key).toSorted(byName)]);

/** What was decided for a key. @param columns of the key, in the order of its values. */
export const findHandDecision = (
  decisions: HandDecisions,
  table: string,
  columns: readonly string[],
  key: readonly (string | null)[],
): HandDecision | undefined =>
  decisions.size === 0
    ? undefined
    : decisions.get(
        nameOfHandKey(
          table,
          Object.fromEntries(columns.map((name, at) => [name, key[at] ?? null])),
        ),
      );

export const digestOfRivals = ({ a, b }: Rivals): string => {
  const sorted = (row: RowValues | undefined) =>
    row === undefined ? null : [...row].toSorted(byName);
  return createHash('sha256')
    .update(JSON.stringify([sorted(a), sorted(b)]))
    .digest('base64');
};

interface WrittenDecision {
  readonly table: string;
  readonly key: Values;
  readonly keep: MergeSide | null;
  readonly a: Values;
  readonly b: Values;
}

const mostShown = 5;

/** @param path as errors show it. @throws SteepError MERGE_DECISIONS_INVALID (exit 65), with the bad lines. */
export const parseHandDecisions = (text: string, path: string): HandDecisions => {
  const decisions = new Map<string, HandDecision>();
  const faults: string[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = parseLine(line);
    if (typeof read === 'string') {
      faults.push(`${path}:${at + 1} ${read}`);
      continue;
    }
    const { table, key, keep, a, b } = read;
    if (keep === null) continue;
    const name = nameOfHandKey(table, key);
    const rivals = { a: new Map(Object.entries(a)), b: new Map(Object.entries(b)) };
    if (decisions.has(name)) faults.push(`${path}:${at + 1} (${keyText(read)}): decided before.`);
    decisions.set(name, { keep, rows: digestOfRivals(rivals) });
  }
  if (faults.length > 0) throw invalid(faults);
  return decisions;
};

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((it) => it === null || typeof it === 'string');

const keyText = ({ table, key }: Pick<WrittenDecision, 'table' | 'key'>): string =>
  `${table}, ${Object.entries(key)
    .map(([column, value]) => `${column} = ${value ?? 'NULL'}`)
    .join(', ')}`;

/** Or what is wrong with it. Of the line itself only its key is shown: the file may be another one. */
const parseLine = (line: string): WrittenDecision | string => {
  const read = parseJson(line);
  if (read === null) return 'is not a line of JSON with `table`, `key`, `keep`, `a` and `b`.';
  const { table, key, keep, a, b } = read;
  if (typeof table !== 'string' || !isValues(key)) {
    return 'has no `table` and `key`, whose values are text.';
  }
  const place = `(${keyText({ table, key })})`;
  if (keep !== 'a' && keep !== 'b' && keep !== null) {
    return `${place}: \`keep\` has to be "a", "b" or null.`;
  }
  if (!isValues(a) || !isValues(b)) return `${place}: \`a\` and \`b\` have to be the rows.`;
  return { table, key, keep, a, b };
};

const parseJson = (line: string): Readonly<Record<string, unknown>> | null => {
  try {
    const read: unknown = JSON.parse(line);
    return typeof read === 'object' && read !== null
      ? (read as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
};

const invalid = (faults: readonly string[]): SteepError =>
  new SteepError(
    'MERGE_DECISIONS_INVALID',
    `${faults.slice(0, mostShown).join(' ')}${faults.length > mostShown ? ` And ${faults.length - mostShown} more lines.` : ''}`,
    {
      exit: ExitCode.invalidFile,
      suggestions: [
        'Correct these lines. To write the whole file again: take it away, and run steep merge conflicts PAIR --out FILE.',
      ],
    },
  );
