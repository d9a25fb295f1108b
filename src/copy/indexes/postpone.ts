// Drops what can be made again faster after the rows are there, and writes down how, in the same transaction.
// Large tables only: for small ones it would cost more than it saves.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { Session } from '../../postgres/session.ts';
import { ddl, ident, qualified, type Sql } from '../../postgres/sql/sql.ts';
import type { LockWatch } from '../check/watch-locks.ts';
import type { PublishedTable, TargetTable } from '../fill/copy-table.ts';
import type { Origin } from '../fill/origin.ts';
import { tryAgain } from '../try-again.ts';
import type { Postponed } from './deferred-object.ts';
import { recordPostponed } from './postponed.ts';
import { type ForeignKey, readForeignKeys } from './read-foreign-keys.ts';
import { type PostponableIndex, readIndexes } from './read-indexes.ts';

export interface PostponeRequest {
  readonly subscription: string;
  readonly target: Session;
  /** Meanings of foreign keys that hold for the rows of tables that are copied whole. */
  readonly provenForeignKeys: Origin['provenForeignKeys'];
  readonly published: readonly PublishedTable[];
  readonly targets: readonly (TargetTable | null)[];
  /** Tables of fewer bytes keep their indexes. */
  readonly postponeFromBytes: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** What an earlier attempt has put off. */
  readonly before?: readonly Postponed[];
  readonly locks: LockWatch;
}

/** Returns what was put off, in the order in which it is to be made again. */
export const postpone = async (request: PostponeRequest): Promise<readonly Postponed[]> => {
  const { before = [] } = request;
  const large = request.published.flatMap((table, index) => {
    const target = request.targets[index];
    return target && table.bytes >= request.postponeFromBytes ? [target] : [];
  });
  if (large.length === 0) return before;
  const provable = await readProvable(request, new Set(large.map(({ name }) => formatName(name))));
  const found = await readIndexes(
    request.target,
    large.map(({ oid }) => oid),
  );
  const oids = new Set(provable.map(({ oid }) => oid));
  const indexes = found.filter(({ foreignKeys }) => foreignKeys.every((oid) => oids.has(oid)));
  const number = counter(Math.max(0, ...before.map(({ id }) => id)));
  const drops = [
    ...provable.map((key) => dropForeignKey(key, number)),
    ...indexes.map((index) => dropIndex(index, number)),
  ];
  for (const drop of drops) await carryOut(request, drop);
  return [...before, ...drops.flatMap(({ postponed }) => postponed)];
};

/**
 * Foreign keys to large tables that will hold for sure: both tables are copied whole, and the source has the
 * same foreign key, valid. Any other stays as it is, which replication does not check either.
 */
async function readProvable(
  { provenForeignKeys, target, published }: PostponeRequest,
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
  readonly postponed: readonly Postponed[];
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
    statement: ddl`ALTER TABLE ${qualified(table)} DROP CONSTRAINT ${ident(name)}`,
    postponed: [add, validate]
      .filter(({ length }) => length > 0)
      .map((statements) => ({ id: number(), table, kind, name, statements })),
  };
}

/** Without CASCADE: what nobody knew of keeps its index, and the copy stops before its first row. */
function dropIndex(index: PostponableIndex, number: Counter): Drop {
  const { table, name, constraint, build, attach } = index;
  const made = { table, name };
  return {
    statement:
      constraint === null
        ? ddl`DROP INDEX ${qualified({ schema: table.schema, name })}`
        : ddl`ALTER TABLE ${qualified(table)} DROP CONSTRAINT ${ident(constraint)}`,
    postponed: [
      ...(build.length === 0
        ? []
        : [{ ...made, id: number(), kind: 'index' as const, statements: build }]),
      ...(attach.length === 0
        ? []
        : [{ ...made, id: number(), kind: 'constraint' as const, statements: attach }]),
    ],
  };
}

const carryOut = (request: PostponeRequest, { statement, postponed }: Drop): Promise<void> => {
  const { target, subscription, sleep, locks } = request;
  const table = postponed[0]?.table ?? unknown;
  const trial = {
    node: target.node,
    doing: `putting off an index of ${formatName(table)}`,
    sessions: () => [target],
    locks,
    sleep,
    recover: async () => !target.closed,
  };
  return tryAgain(trial, () =>
    target.transaction({}, async () => {
      await target.query(statement);
      await recordPostponed(target, subscription, postponed);
    }),
  );
};

const unknown: QualifiedName = { schema: '', name: '' };
