// Drops what can be re-created faster after the rows are there, and writes down how, in the same transaction: of large
// tables, since for small ones it would cost more than it saves. And of all tables what is NOT VALID, which copied rows
// may violate as older ones do.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { tryAgain } from '../../postgres/retry/try-again.ts';
import type { LockWatch } from '../../postgres/retry/watch-locks.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, ident, qualified, type Sql } from '../../postgres/sql/sql.ts';
import type { CopiedTable, TargetTable } from '../fill/copy-table.ts';
import type { Origin } from '../fill/origin.ts';
import type { DeferredObject } from './deferred-object.ts';
import { recordDeferred } from './deferred-records.ts';
import { type ForeignKey, readForeignKeys } from './read-foreign-keys.ts';
import { type DeferrableIndex, readIndexes } from './read-indexes.ts';
import { readUnprovenChecks, type UnprovenCheck } from './read-unproven-checks.ts';

export interface DeferRequest {
  readonly subscription: string;
  readonly target: Session;
  /** Meanings of foreign keys that hold for the rows of tables that are copied whole. */
  readonly provenForeignKeys: Origin['provenForeignKeys'];
  readonly published: readonly CopiedTable[];
  readonly targets: readonly (TargetTable | null)[];
  /** Tables of fewer bytes keep their indexes and foreign keys. */
  readonly deferFromBytes: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** What an earlier attempt has deferred. */
  readonly before?: readonly DeferredObject[];
  readonly locks: LockWatch;
}

/** Returns what was deferred, in the order in which it is to be re-created. */
export const deferObjects = async (request: DeferRequest): Promise<readonly DeferredObject[]> => {
  const { before = [] } = request;
  const large = request.published.flatMap((table, index) => {
    const target = request.targets[index];
    return target && table.bytes >= request.deferFromBytes ? [target] : [];
  });
  const number = counter(Math.max(0, ...before.map(({ id }) => id)));
  const here = request.targets.flatMap((target) => target?.oid ?? []);
  const checks = await readUnprovenChecks(request.target, here);
  const drops = [
    ...checks.map((check) => dropCheck(check, number)),
    ...(large.length === 0 ? [] : await dropsOfLarge(request, large, number)),
  ];
  for (const drop of drops) await dropAndRecord(request, drop);
  return [...before, ...drops.flatMap(({ deferred }) => deferred)];
};

/** Foreign keys to large tables, and their indexes. */
const dropsOfLarge = async (
  request: DeferRequest,
  large: readonly TargetTable[],
  number: Counter,
): Promise<readonly Drop[]> => {
  const provable = await readProvable(request, new Set(large.map(({ name }) => formatName(name))));
  const found = await readIndexes(
    request.target,
    large.map(({ oid }) => oid),
  );
  const oids = new Set(provable.map(({ oid }) => oid));
  const indexes = found.filter(({ foreignKeys }) => foreignKeys.every((oid) => oids.has(oid)));
  return [
    ...provable.map((key) => dropForeignKey(key, number)),
    ...indexes.map((index) => dropIndex(index, number)),
  ];
};

/**
 * Foreign keys to large tables that will hold for sure: both tables are copied whole, and the source has the
 * same foreign key, valid. Any other stays as it is, which replication does not check either.
 */
async function readProvable(
  { provenForeignKeys, target, published }: DeferRequest,
  large: ReadonlySet<string>,
): Promise<readonly ForeignKey[]> {
  const whole = published.filter(({ filter }) => filter === null).map(({ name }) => name);
  const here = await readForeignKeys(target, whole);
  const relevant = here.filter(({ referenced }) => large.has(formatName(referenced)));
  if (relevant.length === 0) return [];
  const proven = await provenForeignKeys(whole);
  return relevant.filter(({ valid, meaning }) => !valid || proven.has(meaning));
}

interface Drop {
  readonly statement: Sql;
  readonly deferred: readonly DeferredObject[];
}

type Counter = () => number;

const counter = (from: number): Counter => {
  let last = from;
  return () => {
    last += 1;
    return last;
  };
};

/** Added first, validated in a transaction of its own: the first needs a strong lock, and the second takes long. */
function dropForeignKey({ table, name, add, validate }: ForeignKey, number: Counter): Drop {
  const kind = 'foreign key';
  return {
    statement: dropConstraint(table, name),
    deferred: [add, validate]
      .filter(({ length }) => length > 0)
      .map((statements) => ({ id: number(), table, kind, name, statements })),
  };
}

const dropConstraint = (table: QualifiedName, name: string): Sql =>
  ddl`ALTER TABLE ${qualified(table)} DROP CONSTRAINT ${ident(name)}`;

/** As unproven afterwards as before. */
const dropCheck = ({ table, name, add }: UnprovenCheck, number: Counter): Drop => ({
  statement: dropConstraint(table, name),
  deferred: [{ id: number(), table, kind: 'constraint', name, statements: add }],
});

/** Without CASCADE: what was not known keeps its index, and the copy stops before its first row. */
function dropIndex(index: DeferrableIndex, number: Counter): Drop {
  const { table, name, constraint, build, attach } = index;
  const made = { table, name };
  return {
    statement:
      constraint === null
        ? ddl`DROP INDEX ${qualified({ schema: table.schema, name })}`
        : dropConstraint(table, constraint),
    deferred: [
      ...(build.length === 0
        ? []
        : [{ ...made, id: number(), kind: 'index' as const, statements: build }]),
      ...(attach.length === 0
        ? []
        : [{ ...made, id: number(), kind: 'constraint' as const, statements: attach }]),
    ],
  };
}

const dropAndRecord = (request: DeferRequest, { statement, deferred }: Drop): Promise<void> => {
  const { target, subscription, sleep, locks } = request;
  const table = deferred[0]?.table ?? unknown;
  const trial = {
    node: target.node,
    doing: `dropping an index for the copy of ${formatName(table)}`,
    sessions: () => [target],
    locks,
    sleep,
    recover: async () => !target.closed,
  };
  return tryAgain(trial, () =>
    target.transaction({}, async () => {
      await target.query(statement);
      await recordDeferred(target, subscription, deferred);
    }),
  );
};

const unknown: QualifiedName = { schema: '', name: '' };
