// What the publisher writes and never sends: large objects, and with origin = none what a session wrote under an origin.

import { formatName, quoteIdentifier } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { Table } from '../../../model/state/table.ts';
import { sentColumns } from '../../complete/sent-tables.ts';
import type { PlanContext } from '../../context/context.ts';
import { hazard } from '../hazard.ts';
import type { SentToEdge } from '../schema/sent-to-edge.ts';

/** The OID of a large object, as such or as the type of the extension `lo`. */
const mayPoint = ({ columns }: Table, name: string): boolean =>
  columns.some((column) => column.name === name && /^(oid|(.+\.)?lo)$/.test(column.type));

const largeObjects = ({ sub, source, tables, published }: SentToEdge): readonly FoundHazard[] => {
  const columns = tables.flatMap((sent) => {
    const table = published.get(formatName(sent.table));
    if (table === undefined) return [];
    return sentColumns(sent, table)
      .filter((name) => mayPoint(table, name))
      .map((name) => `${formatName(sent.table)}.${quoteIdentifier(name)}`);
  });
  if (columns.length === 0) return [];
  return [
    hazard(
      'warning',
      'LARGE_OBJECTS_UNSENT',
      sub.address,
      `Node ${source} has large objects, and ${listNames(columns)} may hold their OIDs: logical replication sends the numbers, and no large object. On node ${sub.node} the numbers lead to nothing, or to other objects.`,
      'Store the contents in a bytea column, or bring the large objects in another way. Nothing to do where the columns hold other OIDs.',
    ),
  ];
};

const foreignOrigins = ({ sub, source }: SentToEdge, names: readonly string[]): FoundHazard =>
  hazard(
    'warning',
    'ORIGIN_WRITES_UNSENT',
    sub.address,
    `${sub.name} has origin: none, and node ${source} has ${names.length === 1 ? 'a replication origin' : 'replication origins'} of no subscription: ${listNames(names)}. What a session writes there under such an origin (pg_replication_origin_session_setup) is not sent to node ${sub.node}, without an error.`,
    `Set options: { origin: any } on ${sub.name} where no loop is possible. Nothing to do where nothing writes to these tables under the origin; one that is not used can be dropped: pg_replication_origin_drop.`,
  );

/** Of a desired subscription that the plan touches. */
export const unsentWrites = (edge: SentToEdge, { live }: PlanContext): readonly FoundHazard[] => {
  const found = live.nodes[edge.source]?.unsentWrites;
  if (found === undefined) return [];
  const isOwnOnly = edge.sub.spec.options.origin === 'none';
  return [
    ...(found.largeObjects ? largeObjects(edge) : []),
    ...(isOwnOnly && found.foreignOrigins.length > 0
      ? [foreignOrigins(edge, found.foreignOrigins)]
      : []),
  ];
};
