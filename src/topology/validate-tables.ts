// The tables of publications: names, columns, row filters, replica identities.

import type { Diagnostic } from '../model/diagnostic.ts';
import { finding } from './findings.ts';
import {
  identifierFaults,
  listedNames,
  repeatedNames,
  tooLongName,
  unreadableName,
} from './name-faults.ts';
import type { Publication } from './steep-file.generated.ts';
import { formatSelector, type TableEntry, tableEntries } from './table-entries.ts';
import type { NameSelector } from './table-name.ts';
import { type Check, publicationsOf, type Topology } from './topology.ts';

/** The entries of `tables`, of every publication. */
export const validateTables: Check = (topology) =>
  publicationsOf(topology.file).flatMap(([name, publication]) => {
    const entries = tableEntries(name, publication);
    return [
      ...entries.flatMap((entry) => entryFaults(topology, publication, entry)),
      ...loneTable(topology, name, publication),
      ...repeatedTables(topology, name, entries),
    ];
  });

const entryFaults = (
  topology: Topology,
  publication: Publication,
  entry: TableEntry,
): readonly Diagnostic[] => [
  ...unreadableName(topology.document, entry.namePath, entry.selector),
  ...(entry.selector.ok ? lengthFaults(topology, entry, entry.selector.value) : []),
  ...columnFaults(topology, publication, entry),
  ...filterFaults(topology, entry),
  ...indexFaults(topology, entry),
];

const lengthFaults = (
  { document }: Topology,
  { namePath }: TableEntry,
  selector: NameSelector,
): readonly Diagnostic[] => {
  const place = document.valueAt(namePath);
  if (selector.kind === 'all') return [];
  if (selector.kind === 'schema') return tooLongName('Schema', selector.schema, place);
  return [
    ...tooLongName('Schema', selector.table.schema, place),
    ...tooLongName('Table', selector.table.name, place),
  ];
};

const columnFaults = (
  { document }: Topology,
  { schemas = [] }: Publication,
  { path, settings }: TableEntry,
): readonly Diagnostic[] => {
  if (settings?.columns === undefined) return [];
  const { name, columns } = settings;
  const columnsPath = [...path, 'columns'];
  const besideSchemas = finding(
    'COLUMNS_WITH_SCHEMAS',
    `${name}: PostgreSQL takes no column list in a publication that has schemas too.`,
    document.keyAt(columnsPath),
    ['Move the table, or the schemas, to a publication of its own.'],
  );
  return [
    ...columns.flatMap((column, index) =>
      identifierFaults(document, [...columnsPath, index], 'Column', column),
    ),
    ...repeatedNames(document, `\`columns\` of ${name}`, listedNames(columnsPath, columns)),
    ...(schemas.length > 0 ? [besideSchemas] : []),
  ];
};

const filterFaults = (
  { document }: Topology,
  { path, settings }: TableEntry,
): readonly Diagnostic[] =>
  settings?.where?.trim() === ''
    ? [
        finding(
          'EMPTY_FILTER',
          `${settings.name}: \`where\` holds no condition.`,
          document.valueAt([...path, 'where']),
          ['Remove it to publish every row.'],
        ),
      ]
    : [];

const indexFaults = (
  { document }: Topology,
  { path, settings }: TableEntry,
): readonly Diagnostic[] => {
  const identity = settings?.replica_identity;
  if (typeof identity !== 'object') return [];
  const indexPath = [...path, 'replica_identity', 'index'];
  return identifierFaults(document, indexPath, 'Index', identity.index);
};

/** `tables: public.orders`: a text by itself is a wildcard, so that one table and many read alike. */
const loneTable = (
  { document }: Topology,
  name: string,
  { tables }: Publication,
): readonly Diagnostic[] => {
  if (typeof tables !== 'string' || tables.endsWith('*')) return [];
  const detail = `\`tables\` of ${name} is one text, which only \`*\` and \`schema.*\` can be.`;
  const place = document.valueAt(['publications', name, 'tables']);
  return [finding('INVALID_VALUE', detail, place, [`Write a list: \`tables: [${tables}]\`.`])];
};

const repeatedTables = (
  { document }: Topology,
  name: string,
  entries: readonly TableEntry[],
): readonly Diagnostic[] =>
  repeatedNames(
    document,
    `Publication ${name}`,
    entries.flatMap(({ selector, namePath }) =>
      selector.ok ? [{ name: formatSelector(selector.value), path: namePath }] : [],
    ),
  );
