// What has to be done to the rows of one key so that the subscriber has those of the publisher. Pure.

import type { RepairFinding, RepairKey, WholeRow } from './read-rows.ts';

export interface RowWork {
  readonly key: RepairKey;
  /** All rows that the subscriber had when this was decided. */
  readonly seen: readonly WholeRow[];
  readonly inserts: readonly WholeRow[];
  readonly updates: readonly { readonly from: WholeRow; readonly to: WholeRow }[];
  readonly deletes: readonly WholeRow[];
  /** More rows differ, or in another way, than was agreed to: none of the key is written. */
  readonly beyond: boolean;
}

type Rows = readonly WholeRow[];

/**
 * Rows that are the same on both sides stay, and all of a key that differs otherwise than it was shown: a key that a report
 * calls missing may be one whose row would be deleted. @param keyed other rows of the same key are one row that was changed.
 */
export const planRows = (key: RepairKey, a: Rows, b: Rows, keyed: boolean): RowWork => {
  const left = Map.groupBy(b, content);
  const restA = a.filter((row) => left.get(content(row))?.pop() === undefined);
  const restB = [...left.values()].flat();
  const both = keyed ? Math.min(restA.length, restB.length) : 0;
  const updates = restA.slice(0, both).flatMap((to, index) => {
    const from = restB[index];
    return from === undefined ? [] : [{ from, to }];
  });
  const [inserts, deletes] = [restA.slice(both), restB.slice(both)];
  const { agreed } = key;
  const exceeds = (finding: RepairFinding, rows: number): boolean =>
    rows > (agreed[finding] ?? Number.POSITIVE_INFINITY);
  const beyond =
    exceeds('different', both) ||
    exceeds('missing', inserts.length) ||
    exceeds('extra', deletes.length);
  const some = <Row>(finding: RepairFinding, rows: readonly Row[]): readonly Row[] =>
    beyond || agreed[finding] === undefined ? [] : rows;
  return {
    key,
    seen: b,
    updates: some('different', updates),
    inserts: some('missing', inserts),
    deletes: some('extra', deletes),
    beyond,
  };
};

const content = ({ hash, values }: WholeRow): string => `${hash} ${JSON.stringify(values)}`;

export const isNothing = ({ inserts, updates, deletes }: RowWork): boolean =>
  inserts.length + updates.length + deletes.length === 0;
