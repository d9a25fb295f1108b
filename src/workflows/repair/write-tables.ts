// Writes the rows that were agreed to, table by table: rows that others refer to come first and go last.

import { selectByKey } from '../../compare/difference/end-sql.ts';
import type { MatchedEnds } from '../../compare/difference/match-ends.ts';
import { tagWrites } from '../../compare/repair/origin.ts';
import type { RepairFinding, RepairKey } from '../../compare/repair/read-rows.ts';
import {
  addCounts,
  nothingWritten,
  type RepairedKey,
  type RepairWork,
} from '../../compare/repair/repair-batch.ts';
import { mostTogether, type RepairPace, repairKeys } from '../../compare/repair/repair-keys.ts';
import {
  type GuardEnd,
  type RepairedTable,
  readRepairedTable,
} from '../../compare/repair/repaired-table.ts';
import type { LosingRow, RowWriter, WrittenRows } from '../../compare/repair/write-rows.ts';
import { type CodeGuard, lockAndGuard } from '../../copy/check/code-guard.ts';
import { noteMerged } from '../../metadata/merge-audit.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { RepairedTableReport } from '../../model/report/repair.ts';
import type { TableReference } from '../../model/state/surroundings.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { EdgeTable } from '../verify/compared-edge.ts';
import { parentsFirst } from './parents-first.ts';
import type { FoundKey } from './report-keys.ts';

/** Short: a worker may wait for a row of the publisher that this run has locked, which no server sees as a deadlock. */
const lockTimeoutMs = 1000;

export interface TableToWrite {
  readonly table: EdgeTable;
  readonly keys: readonly FoundKey[];
  /** What is asked for. */
  readonly findings: readonly RepairFinding[];
}

export interface WritingWork extends Omit<RepairPace, 'onBatch'> {
  readonly runId: string;
  readonly source: string;
  readonly a: Session;
  readonly b: Session;
  /** Another one, in which alone rows are written. */
  readonly writing: Session;
  readonly fence: RepairWork['fence'];
  readonly guard: CodeGuard;
  /** Triggers and foreign keys do not act on what is written. */
  readonly replicaRole: boolean;
  readonly tags: boolean;
  readonly references: readonly TableReference[];
  readonly onWritten: (table: string, counts: WrittenRows) => void;
}

interface Part extends TableToWrite {
  readonly repaired: RepairedTable;
  counts: WrittenRows;
  equal: number;
  inTheWay: readonly RepairKey[];
  left: readonly RepairedKey[];
}

/** @throws what a table cannot be written for; what was committed before stays, and the same command continues. */
export const writeTables = async (
  tables: readonly TableToWrite[],
  work: WritingWork,
): Promise<readonly RepairedTableReport[]> => {
  const untag = work.tags ? await tagWrites(work.writing, work.sleep) : null;
  try {
    const ordered = parentsFirst(tables, ({ table }) => formatName(table.table), work.references);
    const parts: Part[] = [];
    for (const table of ordered) parts.push(await partOf(table, work));
    for (const part of parts) await writeSome(part, isBrought, work);
    for (const part of parts.toReversed()) await writeSome(part, isRemoved, work);
    for (const part of parts) await writeTogether(part, work);
    return parts.map(reportOf);
  } finally {
    await untag?.();
  }
};

const partOf = async (table: TableToWrite, { a, b, guard }: WritingWork): Promise<Part> => {
  const repaired = await readRepairedTable(table.table, a, b, readGuard(guard));
  return { ...table, repaired, counts: nothingWritten, equal: 0, inTheWay: [], left: [] };
};

export const readGuard =
  (guard: CodeGuard): GuardEnd =>
  (session, { table, columns }) =>
    guard(session, 'scan', [{ name: table, columns }]);

const isBrought = ({ finding }: FoundKey): boolean => finding !== 'extra';
const isRemoved = ({ finding }: FoundKey): boolean => finding === 'extra';

const writeSome = async (
  part: Part,
  which: (key: FoundKey) => boolean,
  work: WritingWork,
): Promise<void> => {
  const keys = toKeys(part.keys.filter(which), part);
  if (keys.length === 0) return;
  note(part, await repairKeys(keys, part.repaired, workOf(part, work), paceOf(part, work)));
};

/** Rows that exchange values of unique constraints, once everything else is in place. */
const writeTogether = async (part: Part, work: WritingWork): Promise<void> => {
  if (part.inTheWay.length === 0) return;
  const { inTheWay: keys } = part;
  part.inTheWay = [];
  note(
    part,
    await repairKeys(keys, part.repaired, workOf(part, work), paceOf(part, work), mostTogether),
  );
};

const note = (part: Part, done: Awaited<ReturnType<typeof repairKeys>>): void => {
  part.counts = addCounts(part.counts, done.counts);
  part.equal += done.equal;
  part.inTheWay = [...part.inTheWay, ...done.inTheWay];
  part.left = [...part.left, ...done.left];
};

/** Each once, with what was agreed to of it: a key can have a row that differs and others too many. */
export const toKeys = (
  found: readonly FoundKey[],
  { repaired: { ends }, findings }: Pick<Part, 'repaired' | 'findings'>,
): readonly RepairKey[] => {
  const names = ends.a.key.map(({ column }) => column);
  assertFindable(found, ends);
  const keys = new Map<string, RepairKey>();
  for (const { key, hash, finding, rows } of found) {
    const of = {
      hash: hash ?? '0',
      key: key === null ? [] : names.map((name) => key[name] ?? null),
    };
    const name = `${of.hash} ${JSON.stringify(of.key)}`;
    const { agreed } = keys.get(name) ?? { agreed: nothingAgreed(findings) };
    const more = finding === 'unsettled' ? {} : { [finding]: (agreed[finding] ?? 0) + rows };
    keys.set(name, { ...of, agreed: { ...agreed, ...more } });
  }
  return [...keys.values()];
};

/** What was not found of a key was not agreed to there; rows that are only brought lose nothing. */
const nothingAgreed = (findings: readonly RepairFinding[]): RepairKey['agreed'] =>
  Object.fromEntries(
    findings.map((finding) => [finding, finding === 'missing' ? Number.POSITIVE_INFINITY : 0]),
  );

/** Without its hash, a key is found by an index alone: where there is none, the row would seem to be missing. */
const assertFindable = (found: readonly FoundKey[], { a, b }: MatchedEnds): void => {
  const texts = found.flatMap(({ key, hash }) => (key === null || hash !== null ? [] : [key]));
  const keys = texts.map((key) => a.key.map(({ column }) => key[column] ?? null));
  if (keys.length === 0) return;
  const unfindable = [a, b].find((end) => selectByKey(end, keys) === null);
  if (unfindable === undefined) return;
  const name = formatName(unfindable.table);
  throw new SteepError(
    'USAGE',
    `The keys of a report do not find the rows of ${name}: a node has no unique index of its key, or a key of the report has a NULL.`,
    {
      exit: ExitCode.usage,
      suggestions: ['Repair this table without --from: its rows are compared again.'],
    },
  );
};

const paceOf = ({ table }: Part, work: WritingWork): RepairPace => ({
  ...work,
  onBatch: (counts) => work.onWritten(formatName(table.table), counts),
});

const workOf = (part: Part, work: WritingWork): Omit<RepairWork, 'deadline'> => ({
  a: work.a,
  b: work.b,
  fence: work.fence,
  writer: writerOf(part, work),
});

const writerOf = (
  { table, repaired }: Part,
  { writing, guard, replicaRole, runId, source }: WritingWork,
): RowWriter => ({
  session: writing,
  begin: async (session) => {
    await session.query(
      sql`SELECT pg_catalog.set_config('lock_timeout', ${`${lockTimeoutMs}ms`}, true)`,
    );
    if (replicaRole) {
      await session.query(
        sql`SELECT pg_catalog.set_config('session_replication_role', 'replica', true)`,
      );
    }
    const used = [{ name: table.table, columns: repaired.written }];
    return lockAndGuard(session, guard, ['fill', 'write', 'scan'], used);
  },
  audit: (session, losing, counts) => {
    const names = repaired.ends.b.key.map(({ column }) => column);
    const where = { table: table.table, winner: source };
    return noteMerged(
      session,
      runId,
      where,
      losing.map((row) => entryOf(row, names)),
      counts,
    );
  },
});

const entryOf = ({ key, row, deleted }: LosingRow, names: readonly string[]) => ({
  key:
    names.length === 0
      ? null
      : Object.fromEntries(names.map((name, at) => [name, key[at] ?? null])),
  losing: Object.fromEntries(row),
  rule: deleted ? 'repair deletes' : 'repair overwrites',
});

const reportOf = ({ table, counts, equal, inTheWay, left }: Part): RepairedTableReport => ({
  table: formatName(table.table),
  ...counts,
  equal,
  left: left.length + inTheWay.length,
  why: left[0]?.why ?? (inTheWay.length > 0 ? takenWhy : null),
});

const takenWhy =
  'a row that stays has a value that a unique or exclusion constraint allows only once';
