// One publication as entries of steep.yaml. Names of tables, columns and indexes are quoted as SQL quotes them.

import { formatName, quoteIdentifier } from '../model/identifier.ts';
import type { TableSelector } from '../model/state/state.ts';
import { Entries, type Entry, type EntryValue, entryUnless } from './parse/yaml-entries.ts';
import type { WrittenPublication } from './written-topology.ts';

const everyOperation = 4;

/** What the block says, defaults left out. */
export const publicationEntries = (publication: WrittenPublication): Entries => {
  const { node, tables, schemas, publish, viaPartitionRoot, generatedColumns } = publication;
  return new Entries([
    ['node', node],
    ...entryUnless(tables.length === 0, ['tables', tables.map(tableEntry)]),
    ...entryUnless(schemas.length === 0, ['schemas', schemas.map(quoteIdentifier)]),
    ...entryUnless(publish.length === everyOperation, ['publish', publish]),
    ...entryUnless(!viaPartitionRoot, ['publish_via_partition_root', true]),
    ...entryUnless(generatedColumns === 'none', ['publish_generated_columns', generatedColumns]),
    ...entryUnless(!publication.protect, ['protect', true]),
  ]);
};

/** A name where nothing else is said of the table. */
const tableEntry = (selector: TableSelector): EntryValue => {
  if (selector.kind === 'all') return '*';
  if (selector.kind === 'schema') return `${quoteIdentifier(selector.schema)}.*`;
  const { table, columns, where, identity } = selector;
  const name = formatName(table);
  const settings: readonly Entry[] = [
    ...entryUnless(columns === null, ['columns', (columns ?? []).map(quoteIdentifier)]),
    ...entryUnless(where === null, ['where', where ?? '']),
    ...(identity === null ? [] : [['replica_identity', identityValue(identity)] as const]),
  ];
  return settings.length === 0 ? name : new Entries([['name', name], ...settings]);
};

const identityValue = ({
  mode,
  index,
}: NonNullable<Extract<TableSelector, { readonly kind: 'table' }>['identity']>): EntryValue =>
  index === null ? mode : new Entries([['index', quoteIdentifier(index)]]);
