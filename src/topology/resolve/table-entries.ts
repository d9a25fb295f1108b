// The tables of a publication, each with its place and its name as SQL reads it.

import { formatName } from '../../model/identifier.ts';
import type { Path } from '../parse/source-document.ts';
import type { PublishedTable, Tables } from '../parse/steep-file.generated.ts';
import {
  type NameSelector,
  parseTableName,
  parseTableSelector,
  type ReadName,
} from './table-name.ts';

export interface TableEntry {
  readonly path: Path;
  /** The place of its name: the entry itself, or the key `name` in it. */
  readonly namePath: Path;
  readonly selector: ReadName<NameSelector>;
  /** Columns, filter and identity; null where the entry is a name only. */
  readonly settings: PublishedTable | null;
}

/** The entries of `tables` of a block, as they are in the file. `tables: "*"` is one entry. */
export const tableEntries = (
  block: Path,
  { tables = [] }: { readonly tables?: Tables },
): readonly TableEntry[] => {
  const path = [...block, 'tables'];
  if (typeof tables === 'string') return [textEntry(path, tables)];
  return tables.map((table, index) =>
    typeof table === 'string'
      ? textEntry([...path, index], table)
      : settingsEntry([...path, index], table),
  );
};

const textEntry = (path: Path, text: string): TableEntry => ({
  path,
  namePath: path,
  selector: parseTableSelector(text),
  settings: null,
});

/** A wildcard is not allowed here: columns and filters are those of one table. */
const settingsEntry = (path: Path, settings: PublishedTable): TableEntry => {
  const table = parseTableName(settings.name);
  return {
    path,
    namePath: [...path, 'name'],
    selector: table.ok ? { ok: true, value: { kind: 'table', table: table.value } } : table,
    settings,
  };
};

/** The one text for a selector, to compare by and to show. */
export const formatSelector = (selector: NameSelector): string => {
  switch (selector.kind) {
    case 'all':
      return '*';
    case 'schema':
      return `${selector.schema}.*`;
    case 'table':
      return formatName(selector.table);
  }
};
