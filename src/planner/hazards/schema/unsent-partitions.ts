// Partitions of published tables of which PostgreSQL sends nothing: it lists them with their root, a copy brings their rows,
// and what is written to them is not in WAL.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { PublicationSpec, ResourceOf } from '../../../model/state/resource.ts';
import type { Table } from '../../../model/state/table.ts';
import { isSentWithSchema, type TableIndex } from '../../complete/published-tables.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

const unlogged = (names: readonly string[], { node, spec }: Subscription) => ({
  message: `On node ${spec.source ?? ''} ${listNames(names)} ${names.length === 1 ? 'is' : 'are'} UNLOGGED, below a partitioned table that is published: its rows would be copied, and no change of them ever sent to node ${node}, without an error.`,
  cure: `On node ${spec.source ?? ''}: ${names.map((name) => `ALTER TABLE ${name} SET LOGGED;`).join(' ')} Or list the other partitions in steep.yaml instead of the partitioned table.`,
});

const foreign = (names: readonly string[], { node, spec }: Subscription) => ({
  message: `On node ${spec.source ?? ''} ${listNames(names)} ${names.length === 1 ? 'is a foreign table' : 'are foreign tables'}, below a partitioned table that is published: its rows are on another server, and no change of them is ever sent to node ${node}, without an error.`,
  cure: `List the other partitions in steep.yaml instead of the partitioned table.`,
});

/** Of a desired subscription that the plan touches. */
export const unsentPartitions = (
  sub: Subscription,
  specs: readonly PublicationSpec[],
  published: TableIndex,
): readonly FoundHazard[] => {
  const listed = specs.flatMap((spec) => [
    ...spec.tables.map(({ table }) => table),
    ...[...published.values()]
      .map(({ name }) => name)
      .filter((table) => isSentWithSchema({ table }, spec)),
  ]);
  const below = (kind: 'unloggedPartitions' | 'foreignPartitions', { name }: Pick<Table, 'name'>) =>
    published.get(formatName(name))?.traps?.[kind] ?? [];
  const found = (
    kind: 'unloggedPartitions' | 'foreignPartitions',
    code: 'UNLOGGED_PARTITION' | 'FOREIGN_PARTITION',
    say: typeof unlogged,
  ): readonly FoundHazard[] => {
    const names = [...new Set(listed.flatMap((name) => below(kind, { name })).map(formatName))];
    if (names.length === 0) return [];
    const { message, cure } = say(names, sub);
    return [hazard('block', code, sub.address, message, cure)];
  };
  return [
    ...found('unloggedPartitions', 'UNLOGGED_PARTITION', unlogged),
    ...found('foreignPartitions', 'FOREIGN_PARTITION', foreign),
  ];
};
