// steep schema compare and diff: the tables of two nodes side by side. Read-only, and needs no rights but to connect.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import { definitionText } from '../../model/schema/definition-text.ts';
import type {
  FingerprintKind,
  MatchStatus,
  TableComparison,
} from '../../model/schema/schema-comparison.ts';
import { type Effect, effects } from '../../model/schema/schema-difference.ts';
import type {
  ComparedNode,
  ComparedTable,
  ComparisonReport,
  DiffedTable,
  DiffReport,
} from '../../model/schema/schema-report.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import { compareDefinitions, worstEffect } from '../../planner/schema/compare-definitions.ts';
import { type ChosenNode, type NodeChoice, openChosen } from '../chosen-nodes.ts';
import { readWanted, type WantedText } from '../plan/wanted-tables.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import {
  type ComparedSessions,
  compareSchemas,
  definitionsOnBoth,
  inSnapshots,
  type SchemaComparison,
  type Wanted,
} from './compare-schemas.ts';

export interface PairRequest {
  readonly file: string;
  readonly local: NodeChoice;
  readonly remote: NodeChoice;
  readonly wanted: WantedText;
}

/** @throws SteepError USAGE; or with exit 7 when a node goes away. */
export const compareNodeSchemas = (
  request: PairRequest & { readonly fingerprint: FingerprintKind; readonly everyTable: boolean },
  runtime: RuntimeEnvironment,
): Promise<ReadResult<ComparisonReport>> =>
  withPair(request, runtime, async (ends, nodes, wanted) => {
    const { fingerprint: kind } = request;
    const everyTable = request.everyTable || wanted.tables !== null;
    return comparisonReport(await compareSchemas(ends, { wanted, kind, everyTable }), nodes, kind);
  });

/** The same, with every single difference of the tables that are not the same. */
export const diffNodes = (
  request: PairRequest,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<DiffReport>> =>
  withPair(request, runtime, async (ends, nodes, wanted) => {
    const comparison = await compareSchemas(ends, { wanted, kind: 'strict', everyTable: false });
    const differing = comparison.tables.filter(({ status }) => status !== 'MATCH');
    const [local, remote] = await definitionsOnBoth(
      ends,
      differing.map(({ name }) => name),
    );
    return diffReport(differing, indexed(local), indexed(remote), nodes);
  });

type Pair = readonly [local: ComparedNode, remote: ComparedNode];

const withPair = async <Report>(
  request: PairRequest,
  runtime: RuntimeEnvironment,
  read: (ends: ComparedSessions, nodes: Pair, wanted: Wanted) => Promise<Report>,
): Promise<ReadResult<Report>> => {
  const wanted = readWanted(request.wanted);
  const { file, local, remote } = request;
  const options = { applicationName: 'steep schema', readOnly: true };
  const opened = await openChosen({ file, choices: [local, remote] }, options, runtime);
  if (opened.outcome !== 'open') return opened;
  try {
    const [a, b] = opened.nodes;
    if (a === undefined || b === undefined) throw new Error('a pair has two nodes');
    const ends: ComparedSessions = [a.session, b.session];
    const report = await inSnapshots(ends, () => read(ends, [named(a), named(b)], wanted));
    return { outcome: 'read', report };
  } finally {
    await opened.close();
  }
};

const named = ({ name, endpoint }: ChosenNode): ComparedNode => ({ name, endpoint });

const comparisonReport = (
  { matching, tables }: SchemaComparison,
  [local, remote]: Pair,
  fingerprint: FingerprintKind,
): ComparisonReport => {
  const count = (status: MatchStatus): number => tables.filter((it) => it.status === status).length;
  const inMatching = matching.reduce((sum, schema) => sum + schema.tables, 0);
  const summary = {
    match: count('MATCH') + inMatching,
    mismatch: count('MISMATCH'),
    localOnly: count('LOCAL_ONLY'),
    remoteOnly: count('REMOTE_ONLY'),
  };
  return {
    local,
    remote,
    fingerprint,
    matchingSchemas: matching,
    tables: tables.map((table) => comparedTable(table, fingerprint)),
    summary,
    identical: tables.every(({ status }) => status === 'MATCH'),
  };
};

const comparedTable = (
  { name, status, local, remote }: TableComparison,
  kind: FingerprintKind,
): ComparedTable => ({
  table: formatName(name),
  status,
  replicationMatches:
    local === null || remote === null ? null : local.replication === remote.replication,
  localFingerprint: local?.[kind] ?? null,
  remoteFingerprint: remote?.[kind] ?? null,
});

type Indexed = ReadonlyMap<string, TableDefinition>;

const indexed = (definitions: readonly TableDefinition[]): Indexed =>
  new Map(definitions.map((definition) => [formatName(definition.name), definition]));

const diffReport = (
  differing: readonly TableComparison[],
  local: Indexed,
  remote: Indexed,
  nodes: Pair,
): DiffReport => {
  const tables = differing.map(({ name, status }) => diffedTable(name, status, local, remote));
  const counts = effects.map((effect) => {
    const count = tables.filter(({ worst }) => worst === effect).length;
    return [effect, count] as const;
  });
  return {
    local: nodes[0],
    remote: nodes[1],
    tables,
    effects: Object.fromEntries(counts) as Record<Effect, number>,
    identical: tables.length === 0,
  };
};

const diffedTable = (
  name: QualifiedName,
  status: MatchStatus,
  local: Indexed,
  remote: Indexed,
): DiffedTable => {
  const table = formatName(name);
  const [a, b] = [local.get(table) ?? null, remote.get(table) ?? null];
  const differences = compareDefinitions(a, b);
  return {
    table,
    status: status === 'MATCH' ? 'MISMATCH' : status,
    worst: worstEffect(differences),
    differences,
    localText: a === null ? '' : definitionText(a),
    remoteText: b === null ? '' : definitionText(b),
  };
};
