// Compares the tables of two nodes side by side, from one row a schema down to the tables that differ: what is equal
// is never sent. Read-only; each node in one snapshot, so that the levels agree.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type {
  FingerprintKind,
  MatchingSchema,
  TableComparison,
} from '../../model/schema/schema-comparison.ts';
import type { TableDefinition } from '../../model/schema/table-definition.ts';
import { compareRoots, compareTables } from '../../planner/schema/compare-fingerprints.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { readDefinitions } from '../../schema/read-definitions.ts';
import { readRoots, readTableFingerprints } from '../../schema/read-fingerprints.ts';
import { allTables, tablesIn, theseTables } from '../../schema/scope.ts';

/** The two sessions of a comparison: the first node, and its peer. */
export type ComparedSessions = readonly [local: Session, remote: Session];

/** Which tables: all, those of some schemas, or some. */
export interface Wanted {
  readonly schemas: readonly string[] | null;
  readonly tables: readonly QualifiedName[] | null;
}

export interface SchemaComparison {
  /** Schemas that are the same on both nodes. Empty where every table was asked for. */
  readonly matching: readonly MatchingSchema[];
  /** The tables of all other schemas, by name. */
  readonly tables: readonly TableComparison[];
}

export interface CompareRequest {
  readonly wanted: Wanted;
  readonly kind: FingerprintKind;
  /** Look at every table, also where the schemas are the same. */
  readonly everyTable: boolean;
}

/** Runs a body in one snapshot of each node. */
export const inSnapshots = <T>(
  [local, remote]: ComparedSessions,
  body: () => Promise<T>,
): Promise<T> => {
  const snapshot = { isolation: 'repeatable read', readOnly: true } as const;
  return local.transaction(snapshot, () => remote.transaction(snapshot, body));
};

/** Inside of inSnapshots. */
export const compareSchemas = async (
  ends: ComparedSessions,
  { wanted, kind, everyTable }: CompareRequest,
): Promise<SchemaComparison> => {
  const scope = comparedScope(wanted);
  if (everyTable) return { matching: [], tables: await tablesOf(ends, scope, kind) };
  const [local, remote] = await onBoth(ends, (session) => readRoots(session, scope));
  const { matching, differing } = compareRoots(local, remote);
  if (differing.length === 0) return { matching, tables: [] };
  const inThem = wanted.tables?.filter(({ schema }) => differing.includes(schema)) ?? null;
  const narrower = comparedScope({ schemas: differing, tables: inThem });
  return { matching, tables: await tablesOf(ends, narrower, kind) };
};

/** Of tables that are not the same on both nodes, or are missing on one: their definitions by name, as far as they are there. */
export type DifferingTables = (
  ends: ComparedSessions,
  tables: readonly QualifiedName[],
) => Promise<readonly [local: DefinitionsByName, remote: DefinitionsByName]>;

export type DefinitionsByName = ReadonlyMap<string, TableDefinition>;

const readDifferingTables: DifferingTables = async (ends, tables) => {
  const request = { wanted: { schemas: null, tables }, kind: 'strict', everyTable: false } as const;
  const comparison = await compareSchemas(ends, request);
  const names = comparison.tables
    .filter(({ status }) => status !== 'MATCH')
    .map(({ name }) => name);
  const [local, remote] = await definitionsOnBoth(ends, names);
  return [byName(local), byName(remote)];
};

/** By formatName. */
export const byName = (definitions: readonly TableDefinition[]): DefinitionsByName =>
  new Map(definitions.map((definition) => [formatName(definition.name), definition]));

/** Reads the same tables of the same nodes once, however often they are asked for. */
export const differingTablesOnce = (): DifferingTables => {
  const found = new Map<string, ReturnType<DifferingTables>>();
  return (ends, tables) => {
    const key = JSON.stringify([ends.map(({ node }) => node), tables]);
    const read = found.get(key) ?? readDifferingTables(ends, tables);
    found.set(key, read);
    return read;
  };
};

const tablesOf = async (ends: ComparedSessions, scope: Scope, kind: FingerprintKind) => {
  const [local, remote] = await onBoth(ends, (session) => readTableFingerprints(session, scope));
  return compareTables(local, remote, kind);
};

/** The definitions of these tables on both nodes, as far as they are there. */
export const definitionsOnBoth = (
  ends: ComparedSessions,
  tables: readonly QualifiedName[],
): Promise<readonly [readonly TableDefinition[], readonly TableDefinition[]]> =>
  tables.length === 0
    ? Promise.resolve([[], []])
    : onBoth(ends, (session) => readDefinitions(session, theseTables(tables)));

type Scope = typeof allTables;

export const comparedScope = ({ schemas, tables }: Wanted): Scope => {
  if (tables !== null) return theseTables(tables);
  return schemas === null ? allTables : tablesIn(schemas);
};

/** The same query on both ends at once; a failure names its node. */
const onBoth = async <T>(
  [local, remote]: ComparedSessions,
  read: (session: Session) => Promise<T>,
): Promise<readonly [T, T]> => {
  const told = (session: Session): Promise<T> =>
    read(session).catch((error: unknown) => {
      throw toFailure(error, { node: session.node, doing: 'reading the tables' });
    });
  return Promise.all([told(local), told(remote)]);
};
