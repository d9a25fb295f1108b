// The tables of publications: names, columns, row filters, replica identities.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { Publication } from '../parse/steep-file.generated.ts';
import { pairsOf } from '../resolve/pairs.ts';
import { formatSelector, type TableEntry, tableEntries } from '../resolve/table-entries.ts';
import type { NameSelector } from '../resolve/table-name.ts';
import { publicationsOf, type Topology, type TopologyCheck } from '../topology.ts';
import {
  identifierFaults,
  listedNames,
  repeatedNames,
  tooLongName,
  unreadableName,
} from './name-faults.ts';

/** What lists tables: a publication, or a pair. */
type Lister = Pick<Publication, 'tables' | 'schemas'>;

/** The entries of `tables`, of every publication and pair. */
export const validateTables: TopologyCheck = (topology) => {
  const { file } = topology;
  return [
    ...publicationsOf(file).flatMap(([name, publication]) =>
      listFaults(topology, ['publications', name], publication),
    ),
    ...pairsOf(file).flatMap(([name, { tables }]) =>
      listFaults(topology, ['pairs', name], { tables }),
    ),
  ];
};

const listFaults = (topology: Topology, block: Path, lister: Lister): readonly Diagnostic[] => {
  const entries = tableEntries(block, lister);
  return [
    ...entries.flatMap((entry) => entryFaults(topology, lister, entry)),
    ...loneTable(topology, block, lister),
    ...repeatedTables(topology, block, entries),
  ];
};

const entryFaults = (
  topology: Topology,
  lister: Lister,
  entry: TableEntry,
): readonly Diagnostic[] => [
  ...unreadableName(topology.document, entry.namePath, entry.selector),
  ...(entry.selector.ok ? lengthFaults(topology, entry, entry.selector.value) : []),
  ...columnFaults(topology, lister, entry),
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
  { schemas = [] }: Lister,
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
  block: Path,
  { tables }: Lister,
): readonly Diagnostic[] => {
  if (typeof tables !== 'string' || tables.endsWith('*')) return [];
  const detail = `\`tables\` of ${block[1]} is a single text, which can only be \`*\` or \`schema.*\`.`;
  const place = document.valueAt([...block, 'tables']);
  return [finding('INVALID_VALUE', detail, place, [`Write a list: \`tables: [${tables}]\`.`])];
};

const repeatedTables = (
  { document }: Topology,
  block: Path,
  entries: readonly TableEntry[],
): readonly Diagnostic[] =>
  repeatedNames(
    document,
    `${block[0] === 'pairs' ? 'Pair' : 'Publication'} ${block[1]}`,
    entries.flatMap(({ selector, namePath }) =>
      selector.ok ? [{ name: formatSelector(selector.value), path: namePath }] : [],
    ),
  );
