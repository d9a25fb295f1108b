// What a plan needs to know of tables that an interrupted copy has filled: whether each still holds exactly the rows of
// the copy. Every row of them is read, so this is done only where a plan would keep them, and not with --no-check.

import { readRenamedTargets } from '../../catalog/copies/read-renamed-targets.ts';
import { readReplacedTables } from '../../catalog/copies/read-replaced-tables.ts';
import { readForeignCode } from '../../catalog/foreign-code/read-foreign-code.ts';
import { findChangedNow } from '../../copy/check/check-tables.ts';
import { runsAnything } from '../../copy/check/code-guard.ts';
import type { ChangedTable } from '../../model/copy/changed-table.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { SnapshotLoad } from '../../model/snapshot/snapshot-reading.ts';
import type {
  DesiredSubscription,
  LiveState,
  NodeState,
  UnfinishedCopy,
} from '../../model/state/state.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { lockTables, readTableKinds } from '../../postgres/sql/named-tables.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { OpenNodes } from '../nodes.ts';
import { allowsForeignCode } from '../plan/code-guard.ts';
import type { Project } from '../project.ts';

/** The version of steep_repl that records which transactions have stored the rows. */
const recordedSince = 4;

/**
 * Adds to the unfinished copies of the subscriptions of the file which of their finished tables have changed. `scans`
 * false: no row is read. Which tables were replaced is read all the same: no subscription is created on them.
 */
export const readChangedTables = async (
  live: LiveState,
  project: Project,
  nodes: OpenNodes,
  scans: boolean,
): Promise<LiveState> => {
  const replaced = await readReplaced(live, project, nodes);
  const states = await Promise.all(
    Object.values(live.nodes).map((state) => readNode(state, { replaced, scans }, project, nodes)),
  );
  return { ...live, nodes: Object.fromEntries(states.map((state) => [state.node, state])) };
};

/** By copy that would be kept: its finished tables that are others by now, on the source or here. */
type Replaced = ReadonlyMap<UnfinishedCopy, readonly ChangedTable[]>;

/** One after the other: several nodes may have the same source. */
const readReplaced = async (
  live: LiveState,
  { desired }: Project,
  { sessions }: OpenNodes,
): Promise<Replaced> => {
  const found = new Map<UnfinishedCopy, readonly ChangedTable[]>();
  for (const sub of desired.subscriptions) {
    const copies = live.nodes[sub.node]?.unfinishedCopies ?? [];
    const copy = copies.find(({ subscription }) => subscription === sub.name);
    // While another run copies, no plan is executed.
    if (copy === undefined || copy.madeBy !== undefined) continue;
    const sides = { source: sessions.get(sub.source), target: sessions.get(sub.node) };
    found.set(copy, await replacedOf(copy, sub, sides));
  }
  return found;
};

interface Known {
  readonly replaced: Replaced;
  readonly scans: boolean;
}

const readNode = async (
  state: NodeState,
  { replaced, scans }: Known,
  { desired }: Project,
  { sessions }: OpenNodes,
): Promise<NodeState> => {
  const session = sessions.get(state.node);
  if (session === undefined) return state;
  const allowsCode = allowsForeignCode(desired.policy);
  const asked: Asked = { state, session, scans, allowsCode };
  const unfinishedCopies: UnfinishedCopy[] = [];
  for (const copy of state.unfinishedCopies ?? []) {
    const { subscription, finished } = copy;
    // What is loaded from files is in `loads`; another copy would not be kept.
    const others = copy.checkpointsKey === undefined ? replaced.get(copy) : undefined;
    const found = others && (await changedIn(subscription, finished, others, asked));
    unfinishedCopies.push({ ...copy, ...found });
  }
  const loads = await readLoads(replaced, asked);
  return {
    ...state,
    ...(unfinishedCopies.length > 0 && { unfinishedCopies }),
    ...(loads.length > 0 && { loads }),
  };
};

const readLoads = async (replaced: Replaced, asked: Asked): Promise<readonly SnapshotLoad[]> => {
  const { loads = [], unfinishedCopies = [] } = asked.state;
  const read: SnapshotLoad[] = [];
  for (const load of loads) {
    const { checkpointsKey: key, filled } = load;
    const copy = unfinishedCopies.find(({ checkpointsKey }) => checkpointsKey === key);
    const others = copy === undefined ? [] : (replaced.get(copy) ?? []);
    read.push({ ...load, ...(await changedIn(key, filled, others, asked)) });
  }
  return read;
};

const changedIn = async (
  checkpointsKey: string,
  tables: readonly QualifiedName[],
  replaced: readonly ChangedTable[],
  asked: Asked,
): Promise<Pick<SnapshotLoad, 'changed'>> => {
  const others = withoutTables(tables, replaced);
  const { changed = [] } = await changedOf(checkpointsKey, others, asked);
  const all = [...replaced, ...changed];
  return all.length > 0 ? { changed: all } : {};
};

/** Of a snapshot on storage, what it is on the source is judged with the snapshot. */
const replacedOf = async (
  { finished, filled, checkpointsKey, noted }: UnfinishedCopy,
  { publications }: DesiredSubscription,
  { source, target }: Readonly<Record<'source' | 'target', Session | undefined>>,
): Promise<readonly ChangedTable[]> => {
  if (source === undefined || target === undefined) return [];
  const isLoaded = checkpointsKey !== undefined;
  const names = new Set((isLoaded ? filled : finished).map(formatName));
  const tables = (noted?.tables ?? []).filter((table) => names.has(formatName(table)));
  try {
    const replaced = isLoaded ? [] : await readReplacedTables(source, tables, publications);
    const others = withoutTables(tables, replaced).map(formatName);
    const kept = tables.filter((table) => others.includes(formatName(table)));
    return [...replaced, ...(await readRenamedTargets(target, kept))];
  } catch (error) {
    throw toFailure(error, { node: source.node, doing: 'reading the tables of a copy' });
  }
};

const withoutTables = (
  tables: readonly QualifiedName[],
  changed: readonly ChangedTable[],
): readonly QualifiedName[] => {
  const names = new Set(changed.map(({ table }) => formatName(table)));
  return tables.filter((table) => !names.has(formatName(table)));
};

interface Asked {
  readonly state: NodeState;
  readonly session: Session;
  readonly scans: boolean;
  /** Code of roles that are not trusted may run in a plan too. */
  readonly allowsCode: boolean;
}

const changedOf = async (
  subscription: string,
  tables: readonly QualifiedName[],
  { state: { node, server }, session, scans, allowsCode }: Asked,
): Promise<Pick<SnapshotLoad, 'changed'>> => {
  if (tables.length === 0 || !scans) return {};
  if (server.metadataVersion < recordedSince) {
    return { changed: tables.map((table) => ({ table, expected: 0, found: null, foreign: 0 })) };
  }
  try {
    const there = await readTableKinds(session, tables);
    const changed = await session.transaction(oneMoment, async () => {
      // Before the transaction sees anything: it is to see what was attached to the tables while their locks were waited for.
      await lockTables(
        session,
        tables.filter((table) => there.has(formatName(table))),
      );
      // Rows that a policy hides are an error, not missing rows.
      await session.query(sql`SELECT pg_catalog.set_config('row_security', 'off', true)`);
      const code = allowsCode ? [] : await readForeignCode(session, tables, ['scan']);
      const unread = new Set(code.map(({ table }) => table));
      const others = tables.filter((table) => !unread.has(formatName(table)));
      return [
        ...(await findChangedNow(session, subscription, others, runsAnything)),
        ...tables.filter((table) => unread.has(formatName(table))).map(notRead),
      ];
    });
    return changed.length === 0 ? {} : { changed };
  } catch (error) {
    throw toFailure(error, { node, doing: 'checking the tables of an interrupted copy' });
  }
};

const notRead = (table: QualifiedName): ChangedTable => ({
  table,
  expected: 0,
  found: null,
  foreign: 0,
  unread: true,
});

/** Checkpoints and rows as of the same moment: another run may be loading. */
const oneMoment = { isolation: 'repeatable read', readOnly: true } as const;
