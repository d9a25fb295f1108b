// Which publications send a table, told apart by OIDs: one that was dropped and created again, or out of which the table was
// taken and put back, sent nothing of it in between, and the subscription counts the table as copied.

import type { CopiedTableRecord, EdgeRecord } from '../../model/edge/edge-record.ts';
import { everyTableOf, formatName, type QualifiedName } from '../../model/identifier.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { NodeState } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import type { TableTree } from '../complete/published-tables.ts';

type Publication = ResourceOf<'publication'>;
type SentBy = NonNullable<CopiedTableRecord['sentBy']>;

const publicationsIn = ({ resources }: NodeState): readonly Publication[] =>
  resources.filter((it): it is Publication => it.kind === 'publication');

/** A table, and what it is a partition of. */
const lineOf = (table: Pick<Table, 'name' | 'parent'>, tables: TableTree): readonly string[] => {
  const parent = table.parent === null ? undefined : tables.get(formatName(table.parent));
  const own = [formatName(table.name), everyTableOf(table.name.schema)];
  return parent === undefined ? own : [...own, ...lineOf(parent, tables)];
};

/** By publication of the list, as CopiedTableRecord has it. */
export const sentBy = (
  table: Pick<Table, 'name' | 'parent'>,
  names: readonly string[],
  publisher: NodeState,
  tables: TableTree,
): SentBy => {
  const line = lineOf(table, tables);
  return Object.fromEntries(
    publicationsIn(publisher).flatMap(({ name, spec, observed }) => {
      if (observed === null || !names.includes(name)) return [];
      const members = line.flatMap((it) => observed.memberOf[it] ?? []);
      if (members.length === 0 && !spec.allTables) return [];
      return [[name, [observed.oid, ...members]] as const];
    }),
  );
};

/** False also where it is not known. @param noted what sent the table then @param now what sends it now */
const brokeOff = (
  { observed }: Publication,
  noted: readonly number[],
  now: readonly number[],
  publisher: NodeState,
): boolean => {
  const [oid, ...members] = noted;
  const rewritten = new Set(observed?.rewritten);
  if (oid === observed?.oid) {
    const same = now.some((it) => members.includes(it) || rewritten.has(it));
    return members.length > 0 && !same;
  }
  // Until 17 a change that was written without it cannot be decoded: nothing is lost without an error. An OID that is
  // still there is that of a publication that was renamed.
  const replaced = publicationsIn(publisher).every((it) => it.observed?.oid !== oid);
  return (
    publisher.server.features.skipsMissingPublications && replaced && !rewritten.has(now[0] ?? 0)
  );
};

/** The publication that did not send a table all the time since it was noted; null: none is known. */
export const unsentThrough = (
  noted: CopiedTableRecord,
  now: CopiedTableRecord,
  publisher: NodeState,
): string | null => {
  const before = noted.sentBy;
  if (before === undefined || now.sentBy === undefined) return null;
  const sending = publicationsIn(publisher).filter(({ name }) => now.sentBy?.[name] !== undefined);
  const [first] = sending;
  if (Object.keys(before).length === 0) return first?.name ?? null;
  // One that was renamed has another name, and the OID that it had.
  const thenOf = (name: string, [oid]: readonly number[]): readonly number[] | undefined =>
    before[name] ?? Object.values(before).find(([known]) => known === oid);
  const broken = sending.find((publication) => {
    const since = now.sentBy?.[publication.name] ?? [];
    const then = thenOf(publication.name, since);
    return then !== undefined && brokeOff(publication, then, since, publisher);
  });
  return broken?.name ?? null;
};

/**
 * The publication that sends a table only with its schema, which the table had left for a while since it was noted; null:
 * none is known. One that sends it by itself sends it from every schema.
 */
export const unsentFrom = (
  table: QualifiedName,
  { noted, now }: { readonly noted: CopiedTableRecord; readonly now: CopiedTableRecord },
  publisher: NodeState,
): string | null => {
  const [before, since] = [noted.schemaRow, now.schemaRow];
  if (before === undefined || since === undefined || before === since) return null;
  const sending = publicationsIn(publisher).filter(({ name }) => now.sentBy?.[name] !== undefined);
  const found = sending.find(
    ({ observed }) =>
      observed?.memberOf[everyTableOf(table.schema)] !== undefined &&
      observed.memberOf[formatName(table)] === undefined,
  );
  return found?.name ?? null;
};

/** Whether what was noted of publications can be compared: OIDs are those of one server. */
export const samePublisher = (noted: EdgeRecord, now: EdgeRecord): boolean =>
  noted.publisher !== undefined && noted.publisher === now.publisher;
