// Tables that were UNLOGGED for a while. PostgreSQL permits it of a table that is published with its schema, with the
// database, or as a partition, and sends nothing of it meanwhile. Each change gives the table another file.

import type { CopiedTableRecord, EdgeRecord } from '../../../model/edge/edge-record.ts';
import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { NodeState } from '../../../model/state/state.ts';
import type { Table } from '../../../model/state/table.ts';

/** Of one copy: what was noted of its table, and what it is now. */
export interface CopyPair {
  readonly noted: CopiedTableRecord;
  readonly now: CopiedTableRecord;
}

/** Of a table or of its partitions with rows, by formatName. */
export const filesOf = (tables: readonly Table[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    tables.flatMap(({ name, partitioned, file }) =>
      partitioned || file === undefined ? [] : [[formatName(name), file] as const],
    ),
  );

/** PostgreSQL refuses SET UNLOGGED of what a publication names. */
const isNamed = (name: string, { resources }: NodeState): boolean =>
  resources.some((it) => it.kind === 'publication' && it.observed?.memberOf[name] !== undefined);

const isSame = (name: string, { noted, now }: CopyPair): boolean =>
  name === now.table
    ? noted.oid === now.oid
    : noted.partitions?.[name] !== undefined && noted.partitions[name] === now.partitions?.[name];

/** Those that have another file: only a look into them tells why. */
export const withOtherFiles = (
  pairs: readonly CopyPair[],
  publisher: NodeState,
): readonly Table[] => {
  const names = new Set(
    pairs.flatMap((pair) =>
      Object.entries(pair.now.files ?? {}).flatMap(([name, file]) => {
        const before = pair.noted.files?.[name];
        const isOther = before !== undefined && before !== file && isSame(name, pair);
        return isOther && !isNamed(name, publisher) ? [name] : [];
      }),
    ),
  );
  return publisher.tables.filter(({ name }) => names.has(formatName(name)));
};

const unsentBelow = ({ traps }: Table): readonly QualifiedName[] => [
  ...(traps?.unloggedPartitions ?? []),
  ...(traps?.foreignPartitions ?? []),
];

/** Copied by themselves, and UNLOGGED now: PostgreSQL still lists them with what they are partitions of. */
export const unloggedCopies = (
  { tables: noted }: EdgeRecord,
  publisher: NodeState,
): readonly QualifiedName[] => {
  const names = new Set(noted.map(({ table }) => table));
  const found = publisher.tables.flatMap(({ traps }) => traps?.unloggedPartitions ?? []);
  const copied = found.filter((name) => names.has(formatName(name)));
  return [...new Map(copied.map((name) => [formatName(name), name])).values()];
};

/** By formatName: unlogged or foreign now, or unlogged before. @param rewritten as the rows of those with other files show it */
export const unloggedSince = (
  { noted, now }: CopyPair,
  table: Table | undefined,
  rewritten: ReadonlySet<string>,
): readonly string[] => [
  ...(table === undefined || noted.files === undefined ? [] : unsentBelow(table).map(formatName)),
  ...Object.keys(now.files ?? {}).filter((name) => rewritten.has(name)),
];
