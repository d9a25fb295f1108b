// How the columns of two definitions of a table differ, and what each difference does to apply.

import { formatName } from '../../model/identifier.ts';
import { columnText } from '../../model/schema/definition-text.ts';
import type { SchemaDifference } from '../../model/schema/schema-difference.ts';
import type {
  ColumnDefinition,
  TableDefinition,
  TypeDefinition,
} from '../../model/schema/table-definition.ts';
import { convertsSilently } from '../../model/schema/type-conversion.ts';
import { isReadWhole } from '../../model/schema/type-widening.ts';
import { mayBeUniqueBy } from './same-demand.ts';
import { judgeCollation } from './type-differences.ts';

/** In the order of the local table, then what only the remote one has. */
export const columnDifferences = (
  { columns: local, types: localTypes }: Pick<TableDefinition, 'columns' | 'types'>,
  table: Pick<TableDefinition, 'columns' | 'types' | 'constraints' | 'indexes'>,
): readonly SchemaDifference[] => {
  const { columns: remote, types: remoteTypes } = table;
  const types: Types = [byColumnType(localTypes), byColumnType(remoteTypes)];
  const there = new Map(remote.map((column) => [column.name, column]));
  const here = new Set(local.map(({ name }) => name));
  return [
    ...local.flatMap((column) => {
      const other = there.get(column.name);
      if (other === undefined) return [missing(column)];
      const collation = collationChange(column, other, table);
      return [...changed(column, other, types), ...(collation === null ? [] : [collation])];
    }),
    ...remote.filter(({ name }) => !here.has(name)).map(extra),
    ...reordered(local, remote),
  ];
};

const missing = (column: ColumnDefinition): SchemaDifference => ({
  part: 'column',
  name: column.name,
  local: columnText(column),
  remote: null,
  ...(column.generated === null
    ? { effect: 'stops', why: 'The column is sent, but the subscriber does not have it.' }
    : {
        effect: 'harmless',
        why: 'A generated column is not sent, unless the publication says so.',
      }),
});

const extra = (column: ColumnDefinition): SchemaDifference => ({
  part: 'column',
  name: column.name,
  local: null,
  remote: columnText(column),
  ...(column.notNull && !fillsItself(column)
    ? unfilled
    : {
        effect: 'silent',
        why: 'Nothing is sent for it: replicated rows get its default, or NULL.',
      }),
});

const unfilled = {
  effect: 'stops',
  why: 'It must not be NULL, but no value is sent and it has no default.',
} as const;

const fillsItself = ({ expression, identity, generated }: ColumnDefinition): boolean =>
  expression !== null || identity !== null || generated !== null;

type Compare = (a: ColumnDefinition, b: ColumnDefinition) => SchemaDifference | null;
type Types = readonly [
  local: ReadonlyMap<string, TypeDefinition>,
  remote: ReadonlyMap<string, TypeDefinition>,
];

const byColumnType = (types: readonly TypeDefinition[]): ReadonlyMap<string, TypeDefinition> =>
  new Map(types.map((type) => [formatName(type.name), type]));

const changed = (
  a: ColumnDefinition,
  b: ColumnDefinition,
  types: Types,
): readonly SchemaDifference[] =>
  [typeChange(a, b, types), ...unlike.map((compare) => compare(a, b))].filter(
    (difference) => difference !== null,
  );

const typeChange = (
  a: ColumnDefinition,
  b: ColumnDefinition,
  types: Types,
): SchemaDifference | null => {
  if (a.type === b.type) return null;
  const change = { part: 'type of column', name: a.name, local: a.type, remote: b.type } as const;
  if (hasLabelsOf(a.type, b.type, types))
    return { ...change, effect: 'harmless', why: 'The subscriber has every label that is sent.' };
  const converted = convertsSilently(a.type, b.type);
  if (converted !== null) return { ...change, effect: 'silent', why: converted };
  return isReadWhole(a.type, b.type)
    ? {
        ...change,
        effect: 'harmless',
        why: 'Every value fits, unless the subscription says binary.',
      }
    : { ...change, effect: 'stops', why: 'A value that the other type cannot hold stops apply.' };
};

/** Labels travel by their names: the enum may have another name, or be in another schema. */
const hasLabelsOf = (from: string, to: string, [local, remote]: Types): boolean => {
  const [a, b] = [local.get(withoutArray(from)), remote.get(withoutArray(to))];
  return (
    a?.kind === 'enum' &&
    b?.kind === 'enum' &&
    from.endsWith('[]') === to.endsWith('[]') &&
    a.labels.every((label) => b.labels.includes(label))
  );
};

const withoutArray = (type: string): string => type.replace(/(\[\])+$/, '');

const nullChange: Compare = (a, b) => {
  if (a.notNull === b.notNull) return null;
  const word = ({ notNull }: ColumnDefinition): string => (notNull ? 'NOT NULL' : 'NULL');
  const change = { part: 'NOT NULL', name: a.name, local: word(a), remote: word(b) } as const;
  return b.notNull
    ? { ...change, effect: 'stops', why: 'The first NULL that is sent stops apply.' }
    : { ...change, effect: 'harmless', why: 'The subscriber accepts more than is sent.' };
};

const generatedChange: Compare = (a, b) => {
  const either = a.generated !== null || b.generated !== null;
  if (!either || (a.generated === b.generated && a.expression === b.expression)) return null;
  const change = {
    part: 'generated column',
    name: a.name,
    local: columnText(a),
    remote: columnText(b),
  } as const;
  if (a.generated === null)
    return {
      ...change,
      effect: 'stops',
      why: 'The column is sent, but a generated column cannot store it.',
    };
  if (b.generated === null)
    return b.notNull && !fillsItself(b)
      ? { ...change, ...unfilled }
      : {
          ...change,
          effect: 'silent',
          why: 'A generated column is not sent: it stays at its default, or NULL.',
        };
  return a.expression === b.expression
    ? { ...change, effect: 'harmless', why: 'Both compute the same.' }
    : { ...change, effect: 'silent', why: 'Each node computes a different value.' };
};

const defaultChange: Compare = (a, b) => {
  if (a.generated !== null || b.generated !== null || a.expression === b.expression) return null;
  return {
    part: 'default',
    name: a.name,
    local: a.expression,
    remote: b.expression,
    effect: 'harmless',
    why: 'Changes contain the value. The default matters only for other writers.',
  };
};

const identityChange: Compare = (a, b) => {
  if (a.identity === b.identity) return null;
  const word = ({ identity }: ColumnDefinition): string | null =>
    identity === null ? null : `GENERATED ${identity.toUpperCase()} AS IDENTITY`;
  return {
    part: 'identity column',
    name: a.name,
    local: word(a),
    remote: word(b),
    effect: 'harmless',
    why: 'Changes contain the value, also for GENERATED ALWAYS.',
  };
};

const collationChange = (
  a: ColumnDefinition,
  b: ColumnDefinition,
  table: Pick<TableDefinition, 'types' | 'constraints' | 'indexes'>,
): SchemaDifference | null => {
  if (a.collation === b.collation) return null;
  const own = table.types.find(
    ({ kind, name }) => kind === 'collation' && formatName(name) === b.collation,
  );
  const { name, collation: local } = a;
  const difference = { part: 'collation', name, local, remote: b.collation } as const;
  if (own?.kind === 'collation' && mayBeUniqueBy(b.name, table))
    return { ...difference, ...judgeCollation(own) };
  const why = 'Rows arrive as they are; they sort and compare differently.';
  return { ...difference, effect: 'harmless', why };
};

const unlike = [nullChange, generatedChange, defaultChange, identityChange];

/** Columns that both have, in another order. */
const reordered = (
  local: readonly ColumnDefinition[],
  remote: readonly ColumnDefinition[],
): readonly SchemaDifference[] => {
  const shared = (columns: readonly ColumnDefinition[], others: readonly ColumnDefinition[]) => {
    const names = new Set(others.map(({ name }) => name));
    return columns.filter(({ name }) => names.has(name)).map(({ name }) => name);
  };
  const [here, there] = [shared(local, remote), shared(remote, local)];
  if (here.every((name, index) => name === there[index])) return [];
  return [
    {
      part: 'order of columns',
      name: null,
      local: here.join(', '),
      remote: there.join(', '),
      effect: 'harmless',
      why: 'Apply matches columns by name.',
    },
  ];
};
