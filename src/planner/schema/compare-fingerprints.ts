// Which schemas and tables of two nodes differ, judged by their fingerprints alone.

import { compareNames, compareText, formatName } from '../../model/identifier.ts';
import type {
  FingerprintKind,
  MatchingSchema,
  MatchStatus,
  TableComparison,
} from '../../model/schema/schema-comparison.ts';
import type { SchemaRoot, TableFingerprint } from '../../model/schema/schema-fingerprint.ts';

export interface ComparedRoots {
  readonly matching: readonly MatchingSchema[];
  /** Schemas whose tables must be looked at, by name. */
  readonly differing: readonly string[];
}

/** Equal roots prove every table below them equal. */
export const compareRoots = (
  local: readonly SchemaRoot[],
  remote: readonly SchemaRoot[],
): ComparedRoots => {
  const there = new Map(remote.map((root) => [root.schema, root.fingerprint]));
  const isMatching = (root: SchemaRoot): boolean => there.get(root.schema) === root.fingerprint;
  const matching = local.filter(isMatching).map(({ schema, tables }) => ({ schema, tables }));
  const matched = new Set(matching.map(({ schema }) => schema));
  const all = new Set([...local, ...remote].map(({ schema }) => schema));
  return { matching, differing: [...all].filter((it) => !matched.has(it)).sort(compareText) };
};

/** Every table of either side, by name. */
export const compareTables = (
  local: readonly TableFingerprint[],
  remote: readonly TableFingerprint[],
  kind: FingerprintKind,
): readonly TableComparison[] => {
  const there = new Map(remote.map((table) => [formatName(table.name), table]));
  const here = new Set(local.map(({ name }) => formatName(name)));
  const pairs = [
    ...local.map((table) => pair(table, there.get(formatName(table.name)) ?? null, kind)),
    ...remote
      .filter(({ name }) => !here.has(formatName(name)))
      .map((table) => ({
        name: table.name,
        status: 'REMOTE_ONLY' as const,
        local: null,
        remote: table,
      })),
  ];
  return pairs.toSorted((a, b) => compareNames(a.name, b.name));
};

const pair = (
  local: TableFingerprint,
  remote: TableFingerprint | null,
  kind: FingerprintKind,
): TableComparison => ({ name: local.name, status: statusOf(local, remote, kind), local, remote });

const statusOf = (
  local: TableFingerprint,
  remote: TableFingerprint | null,
  kind: FingerprintKind,
): MatchStatus => {
  if (remote === null) return 'LOCAL_ONLY';
  return local[kind] === remote[kind] ? 'MATCH' : 'MISMATCH';
};
