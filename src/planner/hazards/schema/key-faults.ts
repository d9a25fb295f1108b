// Whether apply finds the rows that UPDATE and DELETE are about: by the key of the subscriber, all of whose columns must be
// sent, or by comparing whole rows.

import { formatName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import { elementOf } from '../../../model/schema/type-widening.ts';
import type { IdentitySpec, PublishedTable } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { identityOf } from '../../facts/identity-fault.ts';
import { type SentToEdge, sentWithChanges } from './sent-to-edge.ts';

/** What steep.yaml says of the identity of a table of the publisher; undefined: nothing. */
export type DesiredIdentity = (table: string) => IdentitySpec | undefined;

/** Types without an equality operator: whole rows with them cannot be compared. */
const incomparable = new Set(
  'json xml jsonpath point line lseg box path polygon circle'.split(' '),
);

/** Sent by any publication; virtual generated columns never are. */
const sentOf = (
  { columns }: PublishedTable,
  { columns: all, traps }: Table,
  withGenerated: boolean,
): readonly string[] => {
  const virtual = new Set(traps?.virtualColumns);
  return all
    .filter(({ name, generated }) =>
      columns === null
        ? !generated || (withGenerated && !virtual.has(name))
        : columns.includes(name),
    )
    .map(({ name }) => name);
};

interface Compared {
  readonly name: string;
  readonly sent: readonly string[];
  /** The publisher's table, and the subscriber's. */
  readonly from: Table;
  readonly to: Table;
}

const wholeRows = ({ name, sent, to }: Compared): readonly string[] =>
  to.columns
    .filter((column) => sent.includes(column.name) && incomparable.has(elementOf(column.type)))
    .map(
      (column) =>
        `${name}.${quoteIdentifier(column.name)} is ${column.type}, which has no equality operator, and the table has no key: the first UPDATE or DELETE stops apply`,
    );

const keyOf = (to: Table): readonly string[] | null =>
  to.identityMode === 'index' ? to.identityColumns : to.keyColumns;

const faultOf = (compared: Compared, desired: DesiredIdentity): readonly string[] => {
  const { name, sent, from, to } = compared;
  const { full, columns } = identityOf(from, desired(name));
  // Such a publication is refused by itself; and of an index that the file names, only the server knows the columns.
  if (columns === null || (!full && columns.length === 0)) return [];
  const key = keyOf(to);
  const keyDeferrable = to.traps?.deferrableKey !== undefined;
  if (key === null) {
    if (full) return wholeRows(compared);
    return keyDeferrable
      ? []
      : [`${name} has no key by which UPDATE and DELETE find the row: the first one stops apply`];
  }
  const unsent = key.filter((it) => !(full || columns.includes(it)) || !sent.includes(it));
  return unsent.length === 0
    ? []
    : [
        `the key of ${name} includes ${unsent.join(', ')}, which is not sent with UPDATE and DELETE: the first one stops apply`,
      ];
};

const comparedTables = (edge: SentToEdge): readonly Compared[] => {
  const withGenerated = edge.specs.some((spec) => spec.generatedColumns === 'stored');
  return sentWithChanges(edge).flatMap((table) => {
    const name = formatName(table.table);
    const [from, to] = [edge.published.get(name), edge.own.get(name)];
    if (from === undefined || to === undefined) return [];
    return [{ name, sent: sentOf(table, from, withGenerated), from, to }];
  });
};

/** One phrase each. */
export const keyFaults = (edge: SentToEdge, desired: DesiredIdentity): readonly string[] =>
  comparedTables(edge).flatMap((compared) => faultOf(compared, desired));

/** Columns that are not sent, and are compared with whole rows: NULL is looked for. One phrase for each table. */
export const unsentComparedColumns = (
  edge: SentToEdge,
  desired: DesiredIdentity,
): readonly string[] =>
  comparedTables(edge).flatMap(({ name, sent, from, to }) => {
    if (keyOf(to) !== null || !identityOf(from, desired(name)).full) return [];
    const unsent = to.columns
      .filter((column) => !column.generated && !sent.includes(column.name))
      .map((column) => quoteIdentifier(column.name));
    return unsent.length === 0 ? [] : [`${listNames(unsent)} of ${name}`];
  });
