// The edges that steep manages, with the tables that each sends: as applied, or as the file took a change over.
// Tables that are gone count too, as far as they are on record.

import { formatName } from '../../model/identifier.ts';
import type { SentTable } from '../../model/schema/schema-change.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { AppliedOf } from '../../model/state/applied.ts';
import type { PublicationSpec } from '../../model/state/resource.ts';
import type { NodeState } from '../../model/state/state.ts';
import type { Table } from '../../model/state/table.ts';
import type { TableRecord } from '../../model/state/table-record.ts';
import { effectiveTables, type TableTree } from '../complete/published-tables.ts';
import { type ComparedState, isAsDesired } from './compared-state.ts';

export interface ManagedEdge {
  /** Of the subscription. */
  readonly address: Address;
  readonly node: NodeName;
  readonly name: string;
  readonly source: NodeName;
  readonly publications: readonly string[];
  readonly slot: string | null;
  /** Values are sent as the type itself writes them, so that a wider type does not take them. */
  readonly binary: boolean;
  /** Generated columns are sent as if they were plain ones. */
  readonly sendsGenerated: boolean;
  readonly tables: readonly SentTable[];
}

/** What is on record of each node, by formatName; null or missing: nothing can be. */
export type Records = Readonly<Record<NodeName, ReadonlyMap<string, TableRecord> | null>>;

/** Of both ends that could be read, in order of the subscriptions. */
export const managedEdges = (compared: ComparedState, records: Records): readonly ManagedEdge[] =>
  compared.applied.flatMap((applied) => {
    if (applied.kind !== 'subscription') return [];
    const edge = edgeOf(applied, compared, records);
    return edge === null ? [] : [edge];
  });

const edgeOf = (
  { address, node, name, spec: applied }: AppliedOf<'subscription'>,
  compared: ComparedState,
  records: Records,
): ManagedEdge | null => {
  const spec = specOf(address, applied, compared);
  const source = spec?.source ?? null;
  const publisher = source === null ? undefined : compared.live.nodes[source];
  if (spec === null || source === null || publisher === undefined) return null;
  const { publications, slot, options } = spec;
  const specs = publications.flatMap((it) => publicationSpec(source, it, compared));
  const tables = effectiveTables(specs, tablesOf(publisher, records[source] ?? null));
  return {
    address,
    node,
    name,
    source,
    publications,
    slot,
    binary: options.binary === 'true',
    sendsGenerated: specs.some(({ generatedColumns }) => generatedColumns === 'stored'),
    tables: tables.map(({ table, columns }) => ({ table, columns })),
  };
};

/** As applied, unless the file asks by now for what is there. A resource of an address has the spec of its kind. */
const specOf = <Spec>(
  address: Address,
  applied: Spec | null,
  compared: ComparedState,
): Spec | null => {
  const live = (compared.have.get(address)?.spec as Spec | undefined) ?? null;
  if (applied === null) return live;
  return live !== null && isAsDesired(address, compared) ? live : applied;
};

/** One that steep does not manage counts as it is. */
const publicationSpec = (
  node: NodeName,
  name: string,
  compared: ComparedState,
): readonly PublicationSpec[] => {
  const address = addressOf(node, 'publication', name);
  const applied = compared.applied.find((row) => row.address === address);
  const known = applied?.kind === 'publication' ? applied.spec : null;
  const spec = specOf(address, known, compared);
  return spec === null ? [] : [spec];
};

/** The tables of a node, and those that are on record and gone. */
const tablesOf = (
  { tables }: NodeState,
  records: ReadonlyMap<string, TableRecord> | null,
): TableTree =>
  new Map<string, Pick<Table, 'name' | 'parent' | 'partitioned'>>([
    ...(records ?? []),
    ...tables.map((table) => [formatName(table.name), table] as const),
  ]);
