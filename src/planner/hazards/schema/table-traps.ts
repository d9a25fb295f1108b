// What of the tables of a subscription lets replication or a copy change, hide or leave out rows without an error.

import { formatName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { effectiveTables, type TableIndex } from '../../complete/published-tables.ts';
import { sentColumns, withPartitions } from '../../complete/sent-tables.ts';
import { type PlanContext, serverOf, want } from '../../context/context.ts';
import { copyIsNew, runsAsTableOwner, willBeCreated } from '../../facts/edges.ts';
import { initialCopyOf } from '../../facts/new-copy.ts';
import { methodOf } from '../../init/methods/index.ts';
import { readGrants } from '../../rights/read-grants.ts';
import { sentTwice } from '../edge/sent-twice.ts';
import { unsentWrites } from '../edge/unsent-writes.ts';
import { hazard } from '../hazard.ts';
import { foreignKeyHazards } from './foreign-keys.ts';
import { fullIdentityCosts } from './full-identity.ts';
import { replicaTriggers } from './replica-triggers.ts';
import { rowsNotFound } from './rows-not-found.ts';
import { type SentToEdge, sentTo, sentWithChanges } from './sent-to-edge.ts';
import { unqualifiedNameHazards } from './unqualified-names.ts';
import { unsentPartitions } from './unsent-partitions.ts';

type Subscription = ResourceOf<'subscription'>;

/** In FORMAT binary the OID of an object of the publisher arrives as a number, and names another object here, or none. */
const oidsInBinary = ({ sub, tables, published }: SentToEdge): readonly FoundHazard[] => {
  if (sub.spec.options.binary !== 'true') return [];
  const columns = tables.flatMap((sent) => {
    const table = published.get(formatName(sent.table));
    if (table === undefined) return [];
    const held = new Set(table.traps?.oidColumns);
    return sentColumns(sent, table)
      .filter((column) => held.has(column))
      .map((column) => `${formatName(sent.table)}.${quoteIdentifier(column)}`);
  });
  if (columns.length === 0) return [];
  return [
    hazard(
      'danger',
      'BINARY_OIDS',
      sub.address,
      `Subscription ${sub.name} has binary: true, and ${listNames(columns)} ${columns.length === 1 ? 'holds' : 'hold'} names of objects (regclass, regtype and the like): PostgreSQL sends them as OIDs of the publisher, which are other objects on node ${sub.node}, without an error.`,
      'Set options: { binary: false } on the subscription. If it has replicated already, copy its tables again afterwards: --reinit.',
    ),
  ];
};

/** Replication finds rows by an index that is unique at each moment: a deferrable one is not. */
export const deferrableKeys = (sent: SentToEdge): readonly FoundHazard[] => {
  const { sub, published, own } = sent;
  const tables = sentWithChanges(sent).flatMap(({ table }) => {
    const found = own.get(formatName(table));
    return found?.traps?.deferrableKey !== undefined && found.identityMode !== 'index'
      ? [{ table, key: found.traps.deferrableKey, columns: keyOf(found, published) }]
      : [];
  });
  if (tables.length === 0) return [];
  const names = listNames(tables.map(({ table }) => formatName(table)));
  const statements = tables.map(
    ({ table, key, columns }) =>
      `ALTER TABLE ${formatName(table)} DROP CONSTRAINT ${quoteIdentifier(key)}, ADD CONSTRAINT ${quoteIdentifier(key)} PRIMARY KEY (${columns});`,
  );
  return [
    hazard(
      'block',
      'DEFERRABLE_KEY',
      sub.address,
      `On node ${sub.node} the primary key of ${names} is DEFERRABLE: replication cannot find rows by it. On PostgreSQL 18 every UPDATE and DELETE is skipped without an error; on earlier versions the first one stops apply.`,
      `Give the table a primary key that is not deferrable, on node ${sub.node}: ${statements.join(' ')}`,
    ),
  ];
};

/** As the publisher has it, where it has one that is not deferrable. */
const keyOf = ({ name, keyColumns }: Table, published: TableIndex): string =>
  (keyColumns ?? published.get(formatName(name))?.keyColumns ?? [])
    .map(quoteIdentifier)
    .join(', ') || '…';

/** FOR TABLE of a parent publishes the tables that inherit from it, which the file does not name. */
const unlistedChildren = ({ sub, specs, published }: SentToEdge): readonly FoundHazard[] =>
  specs.flatMap((spec) => {
    const listed = new Set(
      effectiveTables([spec], published).map(({ table }) => formatName(table)),
    );
    return spec.tables.flatMap(({ table }) => {
      const children = published.get(formatName(table))?.traps?.children ?? [];
      const missing = children.map(formatName).filter((name) => !listed.has(name));
      if (missing.length === 0) return [];
      return [
        hazard(
          'block',
          'CHILDREN_PUBLISHED',
          sub.address,
          `${listNames(missing)} ${missing.length === 1 ? 'inherits' : 'inherit'} from ${formatName(table)} on node ${sub.spec.source ?? ''}: PostgreSQL publishes ${missing.length === 1 ? 'it' : 'them'} with ${formatName(table)}, and steep.yaml does not list ${missing.length === 1 ? 'it' : 'them'}.`,
          `List ${listNames(missing)} too, beside ${formatName(table)}, and create ${missing.length === 1 ? 'the table' : 'the tables'} on node ${sub.node}.`,
        ),
      ];
    });
  });

/** Tables whose rows PostgreSQL's own copy brings in this plan: its session is that of the replicating role. */
const copiedByServer = (
  { sub, tables }: SentToEdge,
  context: PlanContext,
): readonly PublishedTable[] => {
  const method = methodOf(sub, context);
  if (method?.leavesRows === true) return [];
  if (willBeCreated(sub, context)) {
    const first = initialCopyOf(sub, context);
    if (first.way !== 'continue') return method?.byServer === true ? tables : [];
    const finished = new Set(first.finished.map(formatName));
    return tables.filter(({ table }) => !finished.has(formatName(table)));
  }
  return tables.filter(({ table }) => {
    const copy = want(
      context,
      'copy',
      sub.node,
      `${quoteIdentifier(sub.name)}:${formatName(table)}`,
    );
    return copy !== undefined && copyIsNew(copy, context);
  });
};

/** The session of a table copy obeys row security: rows that a policy hides are not copied. */
const hiddenRows = (sent: SentToEdge, context: PlanContext): readonly FoundHazard[] => {
  const { sub, source, published } = sent;
  const hidden = copiedByServer(sent, context)
    .flatMap((it) => withPartitions(it, published))
    .map(formatName)
    .filter((name) => published.get(name)?.traps?.hidesRows === true);
  if (hidden.length === 0) return [];
  return [
    hazard(
      'block',
      'ROW_SECURITY',
      sub.address,
      `On node ${source} row security of ${listNames(hidden)} applies to the role that node ${sub.node} connects as: PostgreSQL copies only the rows that its policies show, without an error, and the others never arrive.`,
      `Let the role of the replication connection of node ${source} read all rows: ALTER ROLE … BYPASSRLS; as a superuser.`,
    ),
  ];
};

/** Apply workers refuse every row of a table whose policies apply to the role that they store it as. */
const refusedRows = ({ sub, tables, own }: SentToEdge, context: PlanContext): FoundHazard[] => {
  const asOwner = runsAsTableOwner(sub, context);
  const refused = tables
    .flatMap((it) => withPartitions(it, own))
    .flatMap((name) => own.get(formatName(name)) ?? [])
    .filter(({ hiddenFromOwner, rowsHidden }) => (asOwner ? hiddenFromOwner : rowsHidden));
  const [first] = refused;
  if (first === undefined) return [];
  const role = asOwner ? first.owner : serverOf(context, sub.node).role.name;
  return [
    hazard(
      'block',
      'ROW_SECURITY',
      sub.address,
      `On node ${sub.node} row security of ${listNames(refused.map(({ name }) => formatName(name)))} applies to role ${role}, as which PostgreSQL stores replicated rows: apply would fail at the first change of a row.`,
      asOwner
        ? `On node ${sub.node}: ALTER TABLE ${formatName(first.name)} NO FORCE ROW LEVEL SECURITY; as its owner, for each of them. Or ALTER ROLE ${role} BYPASSRLS; as a superuser.`
        : `On node ${sub.node}: ALTER ROLE ${role} BYPASSRLS; as a superuser.`,
    ),
  ];
};

/** The session of a table copy reads as the role of the replication connection. */
const closedTables = (sent: SentToEdge, context: PlanContext): readonly FoundHazard[] => {
  const { sub, source, published } = sent;
  const closed = copiedByServer(sent, context).filter(
    ({ table }) => published.get(formatName(table))?.traps?.closedTo !== undefined,
  );
  const [first] = closed;
  if (first === undefined) return [];
  const tables = closed.map(({ table }) => table);
  const role = published.get(formatName(first.table))?.traps?.closedTo ?? '';
  const hidden = tables.filter((it) => published.get(formatName(it))?.traps?.schemaClosed === true);
  return [
    hazard(
      'block',
      'PRIVILEGE',
      sub.address,
      `Role ${role}, which node ${sub.node} connects to node ${source} as, lacks rights for reading ${listNames(tables.map(formatName))}: PostgreSQL could not copy the rows.`,
      `On node ${source}:\n${readGrants(tables, role, hidden).join('\n')}`,
    ),
  ];
};

/** Of a desired subscription that the plan touches. */
export const tableTrapHazards = (
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const sent = sentTo(sub, context);
  if (sent === null) return [];
  return [
    ...sentTwice(sent, context),
    ...unlistedChildren(sent),
    ...unsentPartitions(sub, sent.specs, sent.published),
    ...deferrableKeys(sent),
    ...hiddenRows(sent, context),
    ...refusedRows(sent, context),
    ...closedTables(sent, context),
    ...oidsInBinary(sent),
    ...unsentWrites(sent, context),
    ...replicaTriggers(sent),
    ...rowsNotFound(sent, (table) => want(context, 'identity', sent.source, table)?.spec),
    ...unqualifiedNameHazards(sub, sent.tables, sent.own),
    ...fullIdentityCosts(sub, sentWithChanges(sent), sent.published, context),
    ...foreignKeyHazards(sub, sent.specs, sent.published, context),
  ];
};
