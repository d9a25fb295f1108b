// The columns of a table, as a snapshot shows them. Rows are copied, and changed by the slot, under the names of columns: that a
// name means another column by now, and what ALTER TABLE gives to rows that are there, no slot brings.

export interface ColumnName {
  /** pg_attribute.attnum: never given again. */
  readonly number: number;
  readonly name: string;
}

export interface ColumnMark extends ColumnName {
  /** The transaction that wrote it last: ALTER COLUMN TYPE writes it, also where the type stays the same. */
  readonly xmin: string;
  /** Rows that were there before it may have a value in it. */
  readonly filled: boolean;
  /** A hash of what else ALTER TABLE writes there. Null: it has privileges. Absent: an older version of steep noted it. */
  readonly row?: string | null;
}

/** Whether a name means another column than when the rows were copied: how. Null: it does not. */
export const whyRenamed = (
  then: readonly ColumnName[],
  now: readonly ColumnName[],
): string | null => {
  const names = new Map(then.map(({ number, name }) => [number, name]));
  const known = new Set(names.values());
  for (const { number, name } of now) {
    const before = names.get(number);
    if (before === name) continue;
    if (before !== undefined) return `column ${before} was renamed to ${name}`;
    if (known.has(name)) return `column ${name} was dropped and added again`;
  }
  return null;
};

/** `rewritten`: the rows are in another file, which VACUUM FULL alone does too. */
export const whyOtherValues = (
  then: readonly ColumnMark[],
  now: readonly ColumnMark[],
  rewritten: boolean,
): string | null => {
  const renamed = whyRenamed(then, now);
  if (renamed !== null) return renamed;
  const before = new Map(then.map((mark) => [mark.number, mark]));
  for (const mark of now) {
    const earlier = before.get(mark.number);
    const why =
      earlier === undefined ? whyAdded(mark, rewritten) : whyAltered(earlier, mark, rewritten);
    if (why !== null) return `column ${mark.name} was ${why}`;
  }
  return null;
};

const whyAdded = ({ filled }: ColumnMark, rewritten: boolean): string | null =>
  filled || rewritten ? 'added, with values for the rows that were there' : null;

const whyAltered = (then: ColumnMark, now: ColumnMark, rewritten: boolean): string | null => {
  if (then.xmin === now.xmin) return null;
  if (rewritten) return 'altered, and the rows were rewritten';
  const isKnown = then.row !== undefined && then.row !== null;
  return isKnown && then.row === now.row ? 'renamed, and renamed back' : null;
};
