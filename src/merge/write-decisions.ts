// Writes to one node what the decisions say, within the transaction that holds its tables: rows of the other node in
// the place of rows that lose, and rows that are missing.

import { isNothing, planRows } from '../compare/repair/plan-rows.ts';
import {
  nameOfKey,
  type RepairKey,
  selectWholeRows,
  type WholeRows,
} from '../compare/repair/read-rows.ts';
import { addCounts, nothingWritten } from '../compare/repair/repair-batch.ts';
import { mostTogether } from '../compare/repair/repair-keys.ts';
import {
  type LosingRow,
  type RowWriter,
  type WrittenRows,
  writeRepairedRows,
} from '../compare/repair/write-rows.ts';
import type { MergedCounts } from '../metadata/merge-audit.ts';
import { noteMerged } from '../metadata/merge-audit.ts';
import { type NumberedDecision, readDecisions } from '../metadata/merge-state.ts';
import { SteepError } from '../model/errors.ts';
import { formatName } from '../model/identifier.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { NodeName } from '../model/state/address.ts';
import type { MergeSide } from '../model/state/merge.ts';
import { steepCommand } from '../model/steep-command.ts';
import type { Session } from '../postgres/session.ts';
import type { TableKinds } from '../postgres/sql/named-tables.ts';
import { ddl } from '../postgres/sql/sql.ts';
import { type MergedTable, otherSide } from './merged-table.ts';

export interface WriteWork {
  readonly runId: string;
  /** The node that is written to. */
  readonly side: MergeSide;
  readonly winner: NodeName;
  /** In the transaction that holds the tables. */
  readonly session: Session;
  readonly kinds: TableKinds;
  /** Of the other node: its rows as they were when it was locked. */
  readonly source: Session;
  readonly sourceKinds: TableKinds;
  /** Where the decisions are read. */
  readonly decisions: Session;
  /** Rows that the winner does not have are deleted. */
  readonly deletes: boolean;
  readonly signal: AbortSignal;
  readonly onWritten: (counts: WrittenRows) => void;
}

const keysAtOnce = 1000;

/** @throws SteepError MERGE_UNIQUE, MERGE_NOT_EQUAL; pg's error: nothing of the merge is stored then. */
export const writeDecisions = async (table: MergedTable, work: WriteWork): Promise<WrittenRows> => {
  let counts = nothingWritten;
  const inTheWay: Numbered[] = [];
  for (let after = 0; ; ) {
    work.signal.throwIfAborted();
    const some = await readDecisions(
      work.decisions,
      work.runId,
      table.compared.table,
      after,
      keysAtOnce,
    );
    const last = some.at(-1);
    if (last === undefined) break;
    after = last.entry;
    const own = some.filter(({ winner }) => winner !== work.side);
    const written = await writeBatch(table, own, work);
    counts = addCounts(counts, written.counts);
    inTheWay.push(...written.inTheWay);
    work.onWritten(counts);
  }
  return addCounts(counts, await writeTogether(table, inTheWay, work));
};

type Numbered = Pick<NumberedDecision, 'hash' | 'key' | 'rule'>;

interface Batch {
  readonly counts: WrittenRows;
  readonly inTheWay: readonly Numbered[];
}

/** Rows that exchange values of unique constraints, once all others are in place. */
const writeTogether = async (
  table: MergedTable,
  some: readonly Numbered[],
  work: WriteWork,
): Promise<WrittenRows> => {
  if (some.length === 0) return nothingWritten;
  if (some.length > mostTogether) throw notUnique(table, some, work);
  const { counts, inTheWay } = await writeBatch(table, some, work);
  if (inTheWay.length > 0) throw notUnique(table, inTheWay, work);
  return counts;
};

const writeBatch = async (
  table: MergedTable,
  decisions: readonly Numbered[],
  work: WriteWork,
): Promise<Batch> => {
  if (decisions.length === 0) return { counts: nothingWritten, inTheWay: [] };
  const repaired = table.onto[work.side];
  const { ends, written, kept } = repaired;
  const [from, to] = [
    { ...ends.a, kinds: work.sourceKinds },
    { ...ends.b, kinds: work.kinds },
  ];
  const wanted = await selectWholeRows(work.source, from, decisions, written, 'none');
  const seen = await selectWholeRows(work.session, to, decisions, kept, 'none');
  const agreed: RepairKey['agreed'] = {
    missing: 1,
    different: 1,
    ...(work.deletes && { extra: 1 }),
  };
  const works = decisions
    .map((decision) => {
      const name = nameOfKey(decision);
      return planRows({ ...decision, agreed }, wanted.get(name) ?? [], seen.get(name) ?? [], true);
    })
    .filter((it) => !isNothing(it));
  const rules = new Map(decisions.map((it) => [JSON.stringify(it.key), it.rule]));
  const writer = writerOf(table, rules, work);
  const { outcomes, counts } = await writeRepairedRows(repaired, works, writer);
  const blocked = decisions.filter((it) => outcomes.get(nameOfKey(it)) === 'in the way');
  const now = await selectWholeRows(work.session, to, decisions, kept, 'none');
  const hashIn = (rows: WholeRows, key: Numbered) => rows.get(nameOfKey(key))?.[0]?.hash;
  const different = decisions.filter(
    (key) => hashIn(now, key) !== hashIn(wanted, key) && !blocked.includes(key),
  );
  if (different.length > 0) throw notEqual(table, different, work);
  return { counts, inTheWay: blocked };
};

/** After the rule, of a row that the winner does not have: an undo inserts it again. */
export const mergeDeleted = ', deleted';

const writerOf = (
  { compared, onto }: MergedTable,
  rules: ReadonlyMap<string, string>,
  { side, session, kinds, runId, winner }: WriteWork,
): RowWriter => ({
  session,
  begin: async () => kinds,
  within: inSavepoint,
  audit: (_session, losing, counts: MergedCounts) => {
    const names = onto[side].ends.b.key.map(({ column }) => column);
    const entry = ({ key, row, deleted }: LosingRow) => ({
      key: Object.fromEntries(names.map((name, at) => [name, key[at] ?? null])),
      losing: Object.fromEntries(row),
      rule: `${rules.get(JSON.stringify(key)) ?? 'merge'}${deleted ? mergeDeleted : ''}`,
    });
    const where = { table: compared.table, winner };
    return noteMerged(session, runId, where, losing.map(entry), counts);
  },
});

/** All of it in one subtransaction, so that a row and its entry in the audit log have the same xmin. */
export const inSavepoint: NonNullable<RowWriter['within']> = async (session, body) => {
  await session.query(ddl`SAVEPOINT steep_merge`);
  try {
    const result = await body(session);
    await session.query(ddl`RELEASE SAVEPOINT steep_merge`);
    return result;
  } catch (error) {
    if (!session.closed) await session.query(ddl`ROLLBACK TO SAVEPOINT steep_merge`);
    throw error;
  }
};

/** Some of the keys, for people. */
const examples = (table: MergedTable, keys: readonly Numbered[]): string => {
  const names = table.onto.a.ends.a.key.map(({ column }) => column).join(', ');
  const some = keys.slice(0, 3).map(({ key }) => `(${key.map((it) => it ?? 'NULL').join(', ')})`);
  return `(${names}) = ${some.join(', ')}${keys.length > 3 ? ', …' : ''}`;
};

const notUnique = (
  table: MergedTable,
  keys: readonly Numbered[],
  { session }: WriteWork,
): SteepError =>
  new SteepError(
    'MERGE_UNIQUE',
    `Node ${session.node}: rows of ${formatName(table.compared.table)} cannot all be stored, because other rows have values that a unique or exclusion constraint allows only once: ${examples(table, keys)}. Nothing was changed on either node.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `Give one of the rows another value, on the node that has it; see which they are: ${steepCommand`steep verify --tables ${formatName(table.compared.table)}`}`,
        'Then run the same command again.',
      ],
    },
  );

const notEqual = (
  table: MergedTable,
  keys: readonly Numbered[],
  { session, side }: WriteWork,
): SteepError =>
  new SteepError(
    'MERGE_NOT_EQUAL',
    `Node ${session.node}: rows of ${formatName(table.compared.table)} that were written are not those of the ${otherSide(side) === 'a' ? 'first' : 'second'} node: ${examples(table, keys)}. Nothing was changed on either node.`,
    {
      suggestions: [
        'Look for what changes rows as they are stored: rules, or types with functions of their own.',
      ],
    },
  );
