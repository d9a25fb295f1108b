// The second pass: the rows of two sides, both in the order of the hashes of their keys, side by side. Holds the rows of one
// hash only.

import type { KeyText, Suspicion } from './compared-table.ts';
import type { Fields } from './copy-lines.ts';

/** Rows that are the same. */
interface EqualRows {
  readonly order: bigint;
  readonly hash: string;
  readonly rows: number;
  readonly key: KeyText;
}

const rowsOf = ([order, hash, rows, ...key]: Fields): EqualRows => ({
  order: BigInt(order ?? 0),
  hash: hash ?? '',
  rows: Number(rows),
  key,
});

class Cursor {
  readonly #lines: AsyncIterator<readonly Fields[]>;
  #ready: readonly Fields[] = [];
  #next = 0;
  /** Null: there are no more. */
  head: EqualRows | null = null;

  constructor(lines: AsyncIterator<readonly Fields[]>) {
    this.#lines = lines;
  }

  async advance(): Promise<void> {
    while (this.#next === this.#ready.length) {
      const { done, value } = await this.#lines.next();
      if (done === true) {
        this.head = null;
        return;
      }
      this.#ready = value;
      this.#next = 0;
    }
    const fields = this.#ready[this.#next];
    this.#next += 1;
    this.head = fields === undefined ? null : rowsOf(fields);
  }

  /** All rows of this hash. */
  async take(order: bigint): Promise<readonly EqualRows[]> {
    const taken: EqualRows[] = [];
    while (this.head?.order === order) {
      taken.push(this.head);
      await this.advance();
    }
    return taken;
  }
}

/** What one side has and the other has not, key by key. */
export async function* mergeKeys(
  a: AsyncIterator<readonly Fields[]>,
  b: AsyncIterator<readonly Fields[]>,
): AsyncGenerator<Suspicion> {
  const [left, right] = [new Cursor(a), new Cursor(b)];
  await Promise.all([left.advance(), right.advance()]);
  for (;;) {
    const order = lower(left.head, right.head);
    if (order === null) return;
    yield* differencesOf(order, await left.take(order), await right.take(order));
  }
}

const lower = (a: EqualRows | null, b: EqualRows | null): bigint | null => {
  if (a === null) return b?.order ?? null;
  return b === null || a.order < b.order ? a.order : b.order;
};

/** Two keys can have the same hash. */
function differencesOf(
  order: bigint,
  a: readonly EqualRows[],
  b: readonly EqualRows[],
): readonly Suspicion[] {
  const keys = Map.groupBy([...a, ...b], ({ key }) => JSON.stringify(key));
  return [...keys.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const rows = new Set([first, ...others]);
    const [ofA, ofB] = [a.filter((row) => rows.has(row)), b.filter((row) => rows.has(row))];
    const same = ofA.reduce((sum, row) => sum + Math.min(row.rows, countOf(ofB, row.hash)), 0);
    const found = {
      hash: String(order),
      key: first.key,
      a: total(ofA) - same,
      b: total(ofB) - same,
    };
    return found.a + found.b === 0 ? [] : [found];
  });
}

const total = (all: readonly EqualRows[]): number => all.reduce((sum, { rows }) => sum + rows, 0);

const countOf = (all: readonly EqualRows[], hash: string): number =>
  total(all.filter((row) => row.hash === hash));
