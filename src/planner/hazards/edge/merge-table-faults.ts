// What of one table of one node makes a merge impossible.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf, type NodeName } from '../../../model/state/address.ts';
import type { MergeNodeReading } from '../../../model/state/merge.ts';
import { hazard } from '../hazard.ts';

/** Of all tables of the pair: rights, triggers, and other subscriptions. */
export const mergeTableFaults = (
  node: NodeName,
  { role, tables, broughtBy }: MergeNodeReading,
): readonly FoundHazard[] => {
  const block = (code: string, table: string, message: string, remedy: string): FoundHazard =>
    hazard('block', code, addressOf(node, 'table', table), message, remedy);
  const unwritable = Object.entries(tables)
    .filter(([, { writable }]) => !writable)
    .map(([table]) =>
      block(
        'PRIVILEGE',
        table,
        `Role ${role} may not write rows of ${table} on node ${node}.`,
        `On node ${node}: GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${role};`,
      ),
    );
  const triggers = Object.entries(tables)
    .filter(([, { firesAlways }]) => firesAlways.length > 0)
    .map(([table, { firesAlways }]) =>
      block(
        'MERGE_TRIGGERS',
        table,
        `Triggers or rules of ${table} on node ${node} fire for rows of replication too, and would act on the rows that are merged: ${firesAlways.join(', ')}.`,
        `Let them fire for applications only, on node ${node}: ALTER TABLE ${table} ENABLE TRIGGER …;`,
      ),
    );
  const brought = broughtBy.map(({ table, subscription }) =>
    block(
      'MERGE_REPLICATING',
      table,
      `Subscription ${subscription} of node ${node} brings rows of ${table}, which would be merged as if they were its own.`,
      `Take ${table} out of the pair, or drop ${subscription} first.`,
    ),
  );
  return [...unwritable, ...triggers, ...brought];
};
