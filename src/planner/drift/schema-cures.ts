// What to do about drift of tables: sentences and commands to copy.

import { listNames } from '../../model/listing.ts';
import { addressOf, type NodeName, patternOf } from '../../model/state/address.ts';
import type { DesiredState } from '../../model/state/state.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { ManagedEdge } from './managed-edges.ts';

export const changedCure = (node: NodeName, table: string): readonly string[] => [
  `To keep it: ${steepCommand`steep schema capture --node ${node} --tables ${table}`}`,
  'To put it back: ALTER TABLE there, according to the differences.',
];

/** Each node has filled the column by itself, from its own default. */
export const noBackfillCure = (
  { node, name, source }: ManagedEdge,
  table: string,
  columns: readonly string[],
): string =>
  `Rows from before may have other values in ${listNames(columns)} than on ${source}. To copy the table again: ${steepCommand`steep apply --reinit ${patternOf(addressOf(node, 'copy', `${name}:${table}`))}`}`;

/** With schema_sync: auto, a plan brings the subscriber in line. */
export const differsCure = (
  { node, name, source }: ManagedEdge,
  table: string,
  { subscriptions }: DesiredState,
): readonly string[] => {
  const wanted = subscriptions.find((sub) => sub.node === node && sub.name === name);
  return [
    steepCommand`steep schema diff --node ${source} --peer ${node} --tables ${table}`,
    wanted?.schemaSync === 'auto'
      ? 'To bring the subscriber in line: steep plan'
      : `Bring the table of node ${node} in line, or let steep do it: schema_sync: auto`,
  ];
};
