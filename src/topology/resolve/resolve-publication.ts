// One publication of the file → what it asks for.

import { compareNames, compareText } from '../../model/identifier.ts';
import { publishOperations } from '../../model/state/resource.ts';
import type { DesiredPublication, TableSelector } from '../../model/state/state.ts';
import type { Publication, PublishedTable } from '../parse/steep-file.generated.ts';
import { tableEntries } from './table-entries.ts';
import { type NameSelector, parseIdentifier } from './table-name.ts';

/** `source`: where the block is in the file. */
export const resolvePublication = (
  name: string,
  publication: Publication,
  source: string,
): DesiredPublication => ({
  node: publication.node,
  name,
  tables: tableEntries(['publications', name], publication)
    .flatMap(({ selector, settings }) =>
      selector.ok ? [resolveSelector(selector.value, settings)] : [],
    )
    .toSorted(compareSelectors),
  schemas: readNames(publication.schemas ?? []),
  publish: publishOperations.filter(
    (operation) => publication.publish?.includes(operation) ?? true,
  ),
  viaPartitionRoot: publication.publish_via_partition_root ?? false,
  generatedColumns: publication.publish_generated_columns ?? 'none',
  protect: publication.protect ?? false,
  source,
});

const resolveSelector = (
  selector: NameSelector,
  settings: PublishedTable | null,
): TableSelector => {
  if (selector.kind !== 'table') return selector;
  return {
    ...selector,
    columns: settings?.columns === undefined ? null : readNames(settings.columns),
    where: settings?.where?.trim() ?? null,
    identity: resolveIdentity(settings?.replica_identity),
  };
};

const resolveIdentity = (
  identity: PublishedTable['replica_identity'],
): (TableSelector & { readonly kind: 'table' })['identity'] => {
  if (identity === undefined) return null;
  if (typeof identity === 'string') return { mode: identity, index: null };
  return { mode: 'index', index: readName(identity.index) };
};

const readNames = (texts: readonly string[]): readonly string[] =>
  texts.map(readName).toSorted(compareText);

/** Of a name that has been validated. */
const readName = (text: string): string => {
  const name = parseIdentifier(text);
  return name.ok ? name.value : text;
};

/** Wildcards first, the widest before all. */
const order = { all: 0, schema: 1, table: 2 } as const;

const compareSelectors = (a: TableSelector, b: TableSelector): number => {
  if (a.kind === 'table' && b.kind === 'table') return compareNames(a.table, b.table);
  if (a.kind === 'schema' && b.kind === 'schema') return compareText(a.schema, b.schema);
  return order[a.kind] - order[b.kind];
};
