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
  for (const { number, name, xmin, filled } of now) {
    const mark = before.get(number);
    if (mark === undefined && (filled || rewritten))
      return `column ${name} was added, with values for the rows that were there`;
    if (mark !== undefined && rewritten && mark.xmin !== xmin)
      return `column ${name} was altered, and the rows were rewritten`;
  }
  return null;
};
