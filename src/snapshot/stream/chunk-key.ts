// How chunks are found among all of a snapshot.

/** Of a chunk, by the position of its table and its number. */
export const chunkKey = ({
  table,
  number,
}: {
  readonly table: number;
  readonly number: number;
}): string => `${table}/${number}`;
