// Whether apply finds the rows that UPDATE and DELETE are about: by the key of the subscriber, all of whose columns must be
// sent, or by comparing whole rows.

import { formatName, quoteIdentifier } from '../../../model/identifier.ts';
import { elementOf } from '../../../model/schema/type-widening.ts';
import type { PublicationSpec, PublishedTable, ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import { type PlanContext, want } from '../../context/context.ts';
import { identityOf } from '../../facts/identity-fault.ts';

type Subscription = ResourceOf<'subscription'>;

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

const faultOf = (compared: Compared, context: PlanContext, source: string): readonly string[] => {
  const { name, sent, from, to } = compared;
  const desired = want(context, 'identity', source, name)?.spec;
  const { full, columns } = identityOf(from, desired);
  // Such a publication is refused by itself; and of an index that the file names, only the server knows the columns.
  if (columns === null || (!full && columns.length === 0)) return [];
  const key = to.identityMode === 'index' ? to.identityColumns : to.keyColumns;
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

/** One phrase each. */
export const keyFaults = (sub: Subscription, context: PlanContext): readonly string[] => {
  const source = sub.spec.source ?? '';
  const [published, own] = [context.tables.get(source), context.tables.get(sub.node)];
  if (published === undefined || own === undefined) return [];
  const specs = sub.spec.publications
    .flatMap((name): readonly PublicationSpec[] => {
      const found = want(context, 'publication', source, name);
      return found === undefined ? [] : [found.spec];
    })
    .filter(({ publish }) => publish.includes('update') || publish.includes('delete'));
  const withGenerated = specs.some((spec) => spec.generatedColumns === 'stored');
  return effectiveTables(specs, published).flatMap((table) => {
    const name = formatName(table.table);
    const [from, to] = [published.get(name), own.get(name)];
    if (from === undefined || to === undefined) return [];
    return faultOf({ name, sent: sentOf(table, from, withGenerated), from, to }, context, source);
  });
};
