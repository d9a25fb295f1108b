// Compares the rows of pairs that are about to be merged, without locks: what a merge would do, for the plan.

import { readBroughtBy, readNumbered } from '../../catalog/repair/read-merge-facts.ts';
import { readRepairFacts } from '../../catalog/repair/read-repair-facts.ts';
import type { GuardEnd } from '../../compare/repair/repaired-table.ts';
import { readClockSkew } from '../../merge/clock-skew.ts';
import { decide } from '../../merge/decide.ts';
import { findDifferences } from '../../merge/find-differences.ts';
import { assertModified, type BothNodes, readMergedTable } from '../../merge/merged-table.ts';
import { readWrittenMerge } from '../../metadata/merge-state.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import {
  type MergeNodeReading,
  type MergeReading,
  type MergeRule,
  type MergeSide,
  type MergeTableReading,
  ruleOf,
} from '../../model/state/merge.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { LiveState, NodeState } from '../../model/state/state.ts';
import { type MergeToRead, mergesToRead } from '../../planner/reading/merges-to-read.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { guardWithoutPlan } from './code-guard.ts';

/** Adds what was read of each pair that is about to be merged, as far as both nodes are open. */
export const readMerges = async (
  live: LiveState,
  { desired }: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<LiveState> => {
  const found: [string, MergeReading][] = [];
  for (const merge of mergesToRead(desired, live)) {
    const [a, b] = [live.nodes[merge.a], live.nodes[merge.b]];
    if (a === undefined || b === undefined) continue;
    found.push([merge.forth.address, await readMerge(merge, { a, b }, nodes, runtime)]);
  }
  return found.length === 0 ? live : { ...live, merges: Object.fromEntries(found) };
};

const sessionOf = (sessions: ReadonlyMap<string, Session>, node: string): Session => {
  const session = sessions.get(node);
  if (session === undefined) throw new Error(`node ${node} is not open`);
  return session;
};

const readMerge = async (
  merge: MergeToRead,
  states: Readonly<Record<MergeSide, NodeState>>,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<MergeReading> => {
  const rows = { a: sessionOf(nodes.sessions, merge.a), b: sessionOf(nodes.sessions, merge.b) };
  const written = await readWritten(merge, states, nodes);
  const both = {
    a: await readNode('a', merge, states, rows, nodes),
    b: await readNode('b', merge, states, rows, nodes),
  };
  // What an interrupted merge has committed decides the rest.
  const tables = written === 'none' ? await readTables(merge, rows, runtime) : [];
  return { written, tables, nodes: both };
};

const readWritten = async (
  { a, b, forth, back }: MergeToRead,
  states: Readonly<Record<MergeSide, NodeState>>,
  { metadata }: OpenNodes,
): Promise<MergeReading['written']> => {
  const isInstalled = Object.values(states).every(
    ({ server }) => server.metadataVersion === metadataVersion,
  );
  if (!isInstalled) return 'none';
  const ofA = await readWrittenMerge(sessionOf(metadata, a), {
    address: back.address,
    subscription: back.name,
    peer: b,
  });
  const ofB = await readWrittenMerge(sessionOf(metadata, b), {
    address: forth.address,
    subscription: forth.name,
    peer: a,
  });
  if (ofA === null) return 'none';
  return ofA.runId === ofB?.runId ? 'both' : 'first';
};

const readNode = async (
  side: MergeSide,
  { a, b, forth, back, tables }: MergeToRead,
  states: Readonly<Record<MergeSide, NodeState>>,
  rows: BothNodes,
  { metadata }: OpenNodes,
): Promise<MergeNodeReading> => {
  const [node, own] = side === 'a' ? [a, back] : [b, forth];
  const { role, metadataDatabase } = states[side].server;
  return {
    ...(await readRepairFacts(rows[side], tables)),
    replicaRole: role.sessionReplicationRole || role.superuser,
    auditBeside: metadataDatabase === null && metadata.get(node) === rows[side],
    broughtBy: await readBroughtBy(rows[side], tables, own.name),
  };
};

const readTables = async (
  { tables, settings }: MergeToRead,
  { a, b }: BothNodes,
  { clock }: RuntimeEnvironment,
): Promise<readonly MergeTableReading[]> => {
  const finding = { a: await a.another(), b: await b.another() };
  const rows = { a: await a.another(), b: await b.another() };
  try {
    const skewMicros = await readClockSkew(rows);
    const read: MergeTableReading[] = [];
    for (const table of tables) {
      const rule = ruleOf(settings, formatName(table));
      const startedAt = clock();
      const counts = await readTable(table, rule, skewMicros, { finding, rows });
      read.push({ ...counts, elapsedMs: Math.round(clock() - startedAt) });
    }
    return read;
  } finally {
    await Promise.allSettled(
      [finding.a, finding.b, rows.a, rows.b].map((session) => session.close()),
    );
  }
};

const nothing = { rowsA: 0, rowsB: 0, equal: 0, different: 0, onlyA: 0, onlyB: 0 };

const mayRun = guardWithoutPlan([], ['Take the table out of the pair.']);

const guardReads: GuardEnd = (session, { table, columns }) =>
  mayRun(session, 'scan', [{ name: table, columns }]);

/** The step of the merge refuses the same, and nothing that is refused there can be allowed. */
const guardWrites: GuardEnd = async (session, compared) => {
  await guardReads(session, compared);
  await mayRun(session, 'fill', [{ name: compared.table, columns: compared.columns }]);
};

const readTable = async (
  table: QualifiedName,
  rule: MergeRule,
  skewMicros: bigint,
  { finding, rows }: { readonly finding: BothNodes; readonly rows: BothNodes },
): Promise<Omit<MergeTableReading, 'elapsedMs'>> => {
  const losers = { a: 0, b: 0 };
  const rules: Record<MergeSide, Record<string, number>> = { a: {}, b: {} };
  const common = { table, losers, rules, numbered: false, error: null };
  try {
    const merged = await readMergedTable(table, rows, guardWrites);
    assertModified(merged.compared, rule);
    const counts = await findDifferences(merged, {
      readers: { a: [finding.a], b: [finding.b] },
      rows,
      guard: guardReads,
      decide: (rivals) => decide(rivals, rule, skewMicros),
      onDecided: async (some) => {
        for (const { loser, rule: why } of some) {
          if (loser === null) continue;
          losers[loser] += 1;
          rules[loser][why] = (rules[loser][why] ?? 0) + 1;
        }
      },
      signal: new AbortController().signal,
    });
    const key = merged.onto.a.ends.a.key.map(({ column }) => column);
    const numbered =
      (await readNumbered(rows.a, table, key)) && (await readNumbered(rows.b, table, key));
    return { ...common, ...counts, numbered };
  } catch (error) {
    const { code, message } = toFailure(error, {
      node: rows.a.node,
      doing: `comparing the rows of ${formatName(table)}`,
    });
    return { ...common, ...nothing, error: { code, message } };
  }
};
