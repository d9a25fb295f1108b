// Which live publications the file can declare, and how. Pure.

import { formatName } from '../../model/identifier.ts';
import type { Address } from '../../model/state/address.ts';
import type { PublishedTable, ResourceOf } from '../../model/state/resource.ts';
import type { NodeState, TableSelector } from '../../model/state/state.ts';
import type { WrittenPublication } from '../../topology/written-topology.ts';
import type { LeftOut } from '../plan/left-out.ts';

type Publication = ResourceOf<'publication'>;

/** Why the language cannot declare it; null: it can. */
export const undeclarable = ({ address, spec }: Publication): LeftOut | null => {
  if (spec.allTables) {
    return {
      address,
      reason:
        'It is FOR ALL TABLES, which would publish the tables of steep_repl too, so the file cannot declare it.',
      cure: 'To manage it, declare it with tables: "*"; the plan then shows the change to an explicit list.',
    };
  }
  const leave = (reason: string): LeftOut => ({ address, reason, cure: null });
  if (spec.tables.length + spec.schemas.length === 0) return leave('It publishes no table.');
  return spec.publish.length === 0 ? leave('It publishes no operation.') : null;
};

/** Renaming a publication that is read breaks its readers: WAL from before knows it by the old name only. */
const renameCure = {
  publication:
    'Give it another name without a gap: CREATE PUBLICATION of that name with the same tables; wait until the slot of each subscription has confirmed the WAL up to that point; ALTER SUBSCRIPTION … SET PUBLICATION … WITH (refresh = false); DROP PUBLICATION of this name; import again. Not with ALTER PUBLICATION … RENAME: WAL that is still unread could then not be read any more.',
  subscription: 'Rename it on the server (ALTER SUBSCRIPTION … RENAME TO …), and import again.',
} as const;

/** A name can be used only once in the file, on whatever node. The first of each name stays. */
export const nameTaken = <R extends ResourceOf<'publication'> | ResourceOf<'subscription'>>(
  resource: R,
  all: readonly R[],
): LeftOut | null => {
  const first = all.find(({ name }) => name === resource.name);
  if (first === undefined || first.address === resource.address) return null;
  return {
    address: resource.address,
    reason: `A file can have only one ${resource.kind} of each name, and ${first.address} already has this name.`,
    cure: renameCure[resource.kind],
  };
};

/** Why a publication that could be declared is not: no subscription of the file reads it. */
export const unread = ({ address }: { readonly address: Address }): LeftOut => ({
  address,
  reason: 'No subscription of this file reads it.',
  cure: null,
});

/** The block of a publication, with the replica identities of its tables that are not the default. */
export const describePublication = (
  { node, name, spec, protect }: Publication,
  state: NodeState,
): WrittenPublication => ({
  node,
  name,
  tables: spec.tables.map((table) => selectorOf(table, state)),
  schemas: spec.schemas,
  publish: spec.publish,
  viaPartitionRoot: spec.viaPartitionRoot,
  generatedColumns: spec.generatedColumns,
  protect,
});

const selectorOf = (
  { table, columns, where }: PublishedTable,
  { tables }: NodeState,
): TableSelector => {
  const name = formatName(table);
  const found = tables.find((candidate) => formatName(candidate.name) === name);
  const mode = found?.identityMode ?? 'default';
  // The language has no word for `nothing`: it stays as it is.
  const identity =
    mode === 'default' || mode === 'nothing' ? null : { mode, index: found?.identityIndex ?? null };
  return { kind: 'table', table, columns, where, identity };
};
