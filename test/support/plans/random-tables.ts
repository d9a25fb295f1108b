// Arbitrary tables for property tests: as a value in which equal means the same table, and as DDL.

import fc from 'fast-check';
import { quoteIdentifier } from '../../../src/model/identifier.ts';
import { quoteLiteral } from '../../../src/postgres/sql/literal.ts';

export interface RandomColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly filled:
    | { readonly by: 'nobody' }
    | { readonly by: 'default'; readonly text: string }
    | { readonly by: 'identity'; readonly when: 'ALWAYS' | 'BY DEFAULT' }
    | { readonly by: 'expression'; readonly text: string };
  readonly collation: string | null;
}

export interface RandomTable {
  readonly labels: readonly string[];
  readonly domain: {
    readonly base: string;
    readonly check: string | null;
    readonly notNull: boolean;
  };
  readonly columns: readonly RandomColumn[];
  readonly key: readonly string[];
  readonly unique: readonly string[];
  readonly check: string | null;
  readonly index: string | null;
  readonly identity: 'DEFAULT' | 'FULL' | 'NOTHING';
}

/** Names and texts that a careless encoding would run together. */
const names = ['a', 'b', 'a,b', 'a"b', `a'b`, '[a', 'null', '\\', 'ä'] as const;
const defaults = ['', ' ', 'null', 'NULL', ',', `', '`, '"', '[]', '\\', 'ä'] as const;

const textColumn = fc.record({
  type: fc.constantFrom('text', 'character varying(5)', 'character varying(50)', 'character(5)'),
  notNull: fc.boolean(),
  filled: fc.option(fc.constantFrom(...defaults), { freq: 2, nil: null }),
  collation: fc.constantFrom(null, 'C', 'POSIX'),
});

const otherColumn = fc.record({
  type: fc.constantFrom(
    'integer',
    'bigint',
    'numeric',
    'numeric(5,1)',
    'numeric(5,2)',
    'mood',
    'mood[]',
    'dom',
  ),
  notNull: fc.boolean(),
  collation: fc.constant(null),
  filled: fc.constant(null),
});

const filledColumn = fc.record({
  type: fc.constantFrom('integer', 'bigint'),
  notNull: fc.constant(true),
  collation: fc.constant(null),
  filled: fc.constantFrom<RandomColumn['filled']>(
    { by: 'identity', when: 'ALWAYS' },
    { by: 'identity', when: 'BY DEFAULT' },
    { by: 'expression', text: '1 + 1' },
    { by: 'expression', text: '1 + 2' },
    { by: 'default', text: '1' },
    { by: 'default', text: '12' },
  ),
});

const toColumn = (
  name: string,
  column: Omit<RandomColumn, 'name' | 'filled'> & {
    readonly filled: string | RandomColumn['filled'] | null;
  },
): RandomColumn => {
  const { filled } = column;
  if (filled === null) return { ...column, name, filled: { by: 'nobody' } };
  if (typeof filled !== 'string') return { ...column, name, filled };
  return { ...column, name, filled: { by: 'default', text: quoteLiteral(filled) } };
};

const columns = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom(...names), fc.oneof(textColumn, otherColumn, filledColumn)),
    {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((pairs) => pairs.map(([name, column]) => toColumn(name, column)));

/** The columns of a key are NOT NULL, whatever they said before; UNIQUE over a whole key is nothing of its own. */
const normal = (table: RandomTable): RandomTable => ({
  ...table,
  unique: table.unique.join() === table.key.join() ? [] : table.unique,
  columns: table.columns.map((column) =>
    table.key.includes(column.name) ? { ...column, notNull: true } : column,
  ),
});

export const randomTable: fc.Arbitrary<RandomTable> = columns.chain((all) => {
  const some = fc.shuffledSubarray(
    all.map(({ name }) => name),
    { maxLength: Math.min(2, all.length) },
  );
  return fc
    .record({
      labels: fc.constantFrom(['x', 'y'], ['y', 'x'], ['x,y'], ['x'], ['x', 'y', '']),
      domain: fc.record({
        base: fc.constantFrom('integer', 'bigint'),
        check: fc.constantFrom(null, 'VALUE > 0', 'VALUE > 1'),
        notNull: fc.boolean(),
      }),
      columns: fc.constant(all),
      key: some,
      unique: some,
      check: fc.constantFrom(null, '1 > 0', '2 > 0'),
      index: fc.constantFrom(null, ...all.map(({ name }) => name)),
      identity: fc.constantFrom('DEFAULT', 'FULL', 'NOTHING'),
    })
    .map(normal);
});

const columnDdl = ({ name, type, notNull, filled, collation }: RandomColumn): string =>
  [
    quoteIdentifier(name),
    type.replace(/^(mood|dom)/, 'public.$1'),
    collation === null ? '' : `COLLATE "${collation}"`,
    filled.by === 'default' ? `DEFAULT ${filled.text}` : '',
    filled.by === 'identity' ? `GENERATED ${filled.when} AS IDENTITY` : '',
    filled.by === 'expression' ? `GENERATED ALWAYS AS (${filled.text}) STORED` : '',
    notNull ? 'NOT NULL' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');

const listed = (columnNames: readonly string[]): string =>
  `(${columnNames.map(quoteIdentifier).join(', ')})`;

/** Makes the types and the table `public.t`. */
export const ddlOf = (table: RandomTable): string => {
  const { labels, domain, key, unique, check, index, identity } = table;
  const parts = [
    ...table.columns.map(columnDdl),
    ...(key.length === 0 ? [] : [`CONSTRAINT k PRIMARY KEY ${listed(key)}`]),
    ...(unique.length === 0 ? [] : [`CONSTRAINT u UNIQUE ${listed(unique)}`]),
    ...(check === null ? [] : [`CONSTRAINT c CHECK (${check})`]),
  ];
  return [
    `CREATE TYPE public.mood AS ENUM (${labels.map(quoteLiteral).join(', ')})`,
    `CREATE DOMAIN public.dom AS ${domain.base}${domain.notNull ? ' NOT NULL' : ''}${domain.check === null ? '' : ` CHECK (${domain.check})`}`,
    `CREATE TABLE public.t (${parts.join(', ')})`,
    ...(index === null ? [] : [`CREATE INDEX i ON public.t ${listed([index])}`]),
    `ALTER TABLE public.t REPLICA IDENTITY ${identity}`,
  ].join(';\n');
};

/** Two tables are one definition exactly when these are equal. Types count where a column uses them. */
export const meaningOf = (table: RandomTable): string => {
  const uses = (type: string): boolean =>
    table.columns.some((column) => column.type.startsWith(type));
  const { labels, domain, ...rest } = table;
  return JSON.stringify([rest, uses('mood') ? labels : null, uses('dom') ? domain : null]);
};
