// Tables that were sent by themselves and as partitions of another, and are no partitions of it on the publisher any more:
// they were detached, dropped, or moved. Where they still are on the subscriber, a query of that table has other rows there.

import type { EdgeGap, EdgeRecord } from '../../../model/edge/edge-record.ts';
import { formatName } from '../../../model/identifier.ts';
import type { NodeState } from '../../../model/state/state.ts';
import type { Table } from '../../../model/state/table.ts';

const parentOf = (table: Table | undefined): string | null =>
  table?.parent == null ? null : formatName(table.parent);

const byName = ({ tables }: NodeState): ReadonlyMap<string, Table> =>
  new Map(tables.map((table) => [formatName(table.name), table]));

/** Also of tables that have left the subscription already: an interrupted apply continues with them. */
export const leftPartitions = (
  noted: EdgeRecord,
  now: EdgeRecord,
  publisher: NodeState,
  subscriber: NodeState | undefined,
): readonly EdgeGap[] => {
  const isSame = noted.subscription === now.subscription && noted.source === now.source;
  if (subscriber === undefined || !isSame) return [];
  const [there, here] = [byName(publisher), byName(subscriber)];
  return noted.tables.flatMap(({ table, oid, parent }): readonly EdgeGap[] => {
    const own = here.get(table);
    const whole = own?.parent ?? null;
    if (parent === undefined || whole === null || formatName(whole) !== parent) return [];
    // One that was renamed is found by its OID.
    const isPartition = publisher.tables.some(
      (it) => (it.oid === oid || formatName(it.name) === table) && parentOf(it) === parent,
    );
    if (isPartition || there.get(parent)?.partitioned !== true) return [];
    return [{ kind: 'left', table: whole, partition: table }];
  });
};
