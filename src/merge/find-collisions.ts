// Values of unique constraints that the nodes have given to different rows: once both rows are on one node, there would be
// two. Both of such rows differ between the nodes, so that those suffice which are decided.

import { createHash } from 'node:crypto';
import type { RowValues } from '../compare/repair/read-rows.ts';
import { formatName } from '../model/identifier.ts';
import { plural } from '../model/listing.ts';
import type { MergeFault, MergeSide } from '../model/state/merge.ts';
import type { DecidedKey } from './find-differences.ts';
import type { BothNodes, MergedTable } from './merged-table.ts';
import { readUniqueColumns, type UniqueColumns } from './read-constraints.ts';

type KeyValues = readonly (string | null)[];

interface Given {
  readonly side: MergeSide;
  readonly key: KeyValues;
}

interface Found {
  count: number;
  /** The first one, of each node. */
  readonly example: Readonly<Record<MergeSide, KeyValues>>;
}

/** Values are held in memory: what is beyond is found as rows are written. */
const mostHeld = 500_000;

const textOf = (key: KeyValues): string => `(${key.map((it) => it ?? 'NULL').join(', ')})`;

export class Collisions {
  readonly #constraints: readonly UniqueColumns[];
  readonly #table: MergedTable;
  readonly #given = new Map<string, Given>();
  readonly #found = new Map<UniqueColumns, Found>();

  /** @param constraints that both nodes have: where one of them allows a value twice, that node decides nothing. */
  constructor(table: MergedTable, constraints: readonly UniqueColumns[]) {
    this.#table = table;
    this.#constraints = constraints;
  }

  add(some: readonly DecidedKey[]): void {
    for (const { key, winner, rivals } of some) {
      const row = rivals[winner];
      if (row === undefined) continue;
      for (const constraint of this.#constraints) {
        const value = digestOf(constraint, row);
        if (value !== null) this.#note(constraint, value, { side: winner, key: key.key });
      }
    }
  }

  #note(constraint: UniqueColumns, value: string, given: Given): void {
    const other = this.#given.get(value);
    if (other === undefined) {
      if (this.#given.size < mostHeld) this.#given.set(value, given);
      return;
    }
    if (other.side === given.side) return;
    const [a, b] = given.side === 'a' ? [given, other] : [other, given];
    const found = this.#found.get(constraint) ?? { count: 0, example: { a: a.key, b: b.key } };
    found.count += 1;
    this.#found.set(constraint, found);
  }

  faults({ a, b }: BothNodes): readonly MergeFault[] {
    const { compared, onto } = this.#table;
    const key = onto.a.ends.a.key.map(({ column }) => column).join(', ');
    return [...this.#found].map(([{ name }, { count, example }]) => ({
      code: 'MERGE_UNIQUE',
      message: `${plural(count, 'value')} of unique constraint ${name} of ${formatName(compared.table)} ${count === 1 ? 'is' : 'are'} in different rows of the nodes, such as (${key}) = ${textOf(example.a)} of ${a.node} and ${textOf(example.b)} of ${b.node}: both rows cannot be stored on one node. Change or delete one of them.`,
    }));
  }
}

const digestOf = (
  { name, columns, nullsDistinct }: UniqueColumns,
  row: RowValues,
): string | null => {
  const values = columns.map((column) => row.get(column) ?? null);
  if (nullsDistinct && values.includes(null)) return null;
  return createHash('sha256')
    .update(JSON.stringify([name, values]))
    .digest('base64')
    .slice(0, 24);
};

export const readCollisions = async (
  table: MergedTable,
  { a, b }: BothNodes,
): Promise<Collisions> => {
  const { compared, onto } = table;
  const named = ({ columns, nullsDistinct }: UniqueColumns): string =>
    JSON.stringify([columns, nullsDistinct]);
  const key = onto.a.ends.a.key.map(({ column }) => column).toSorted();
  const onB = new Set((await readUniqueColumns(b, compared.table)).map(named));
  const both = (await readUniqueColumns(a, compared.table)).filter(
    (it) =>
      onB.has(named(it)) &&
      JSON.stringify(it.columns.toSorted()) !== JSON.stringify(key) &&
      it.columns.every((column) => compared.columns.includes(column)),
  );
  return new Collisions(table, both);
};
