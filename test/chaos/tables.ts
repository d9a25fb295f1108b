// Random tables of one play: their columns and keys, how they are filled, and what an application writes into them.

import type { RandomNumbers } from '../support/plans/random-numbers.ts';

/** How a table is told apart by UPDATE and DELETE. */
type Identity = 'id' | 'composite' | 'text' | 'full';

export interface ChaosTable {
  readonly name: string;
  readonly identity: Identity;
  readonly columns: readonly Column[];
  readonly partitioned: boolean;
  /** The table that its column `ref` refers to. */
  readonly refersTo: string | null;
  readonly sequence: boolean;
  readonly indexes: readonly ('note' | 'unique' | 'partial' | 'expression')[];
  readonly rows: number;
}

interface Column {
  readonly name: string;
  readonly type: string;
  /** The value of row `n`, as SQL. */
  readonly value: string;
}

/** Values whose text or binary form depends on a setting, or is easily mistaken. */
const types: readonly Omit<Column, 'name'>[] = [
  { type: 'bytea', value: `decode(md5(n::text), 'hex') || '\\x00ff'::bytea` },
  { type: 'numeric', value: `CASE n % 50 WHEN 0 THEN 'NaN' ELSE n / 7.0 END` },
  { type: 'timestamptz', value: `'2026-03-04 05:06:07+02'::timestamptz + n * interval '1 s'` },
  {
    type: 'date',
    value: `CASE n % 90 WHEN 0 THEN 'infinity'::date ELSE '2026-02-03'::date + n END`,
  },
  { type: 'interval', value: `make_interval(months => n % 30, days => -n % 7, secs => n)` },
  { type: 'double precision', value: `n / 3.0::double precision` },
  { type: 'text[]', value: `ARRAY['a' || n, NULL, 'NULL', '', '"\\']` },
  { type: 'int[]', value: `CASE n % 3 WHEN 0 THEN '{}'::int[] ELSE ARRAY[n, NULL, -n] END` },
  { type: 'jsonb', value: `jsonb_build_object('n', n, 'null', NULL)` },
  {
    type: 'text',
    value: `CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN E'\\\\N' ELSE 'ü' || E'\\t\\n' || n END`,
  },
  { type: 'boolean', value: `n % 3 = 0` },
  { type: 'char(6)', value: `(n % 1000)::text` },
];

export const randomTables = (random: RandomNumbers): readonly ChaosTable[] => {
  const count = random.integer(1, 6);
  const tables: ChaosTable[] = [];
  for (let index = 0; index < count; index += 1) tables.push(randomTable(random, index, tables));
  return tables;
};

const randomTable = (
  random: RandomNumbers,
  index: number,
  before: readonly ChaosTable[],
): ChaosTable => {
  const partitioned = random.chance(0.2);
  const identity = partitioned
    ? 'id'
    : random.pick<Identity>(['id', 'id', 'composite', 'text', 'full']);
  const parents = before.filter((table) => table.identity === 'id');
  const columns = Array.from({ length: random.integer(1, 5) }, (_, column) => ({
    ...random.pick(types),
    name: `c${column}`,
  }));
  return {
    name: random.chance(0.2) ? `T ${index}"ä` : `t${index}`,
    identity,
    columns,
    partitioned,
    // Published by its leaves, it could not be emptied with what it refers to.
    refersTo:
      !partitioned && parents.length > 0 && random.chance(0.5) ? random.pick(parents).name : null,
    sequence: random.chance(0.3),
    indexes: (['note', 'unique', 'partial', 'expression'] as const).filter(() =>
      random.chance(0.4),
    ),
    // Without a key, apply reads the whole table for each change.
    rows: identity === 'full' ? random.integer(0, 800) : random.integer(0, 6000),
  };
};

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The partitions of a partitioned table. */
export const leavesOf = (name: string): readonly string[] => [`${name}_low`, `${name}_high`];

/** Foreign keys are not looked at, as in a copy. */
export const withoutTriggers = (statement: string): string =>
  `BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`;

const keyOf = ({ identity }: ChaosTable): string =>
  ({
    id: ', PRIMARY KEY (id)',
    composite: ', PRIMARY KEY (part, id)',
    text: ', PRIMARY KEY (label)',
    full: '',
  })[identity];

/** The table as it is on both ends, in one text. */
export const definitionOf = (table: ChaosTable): string => {
  const name = quoted(table.name);
  const columns = table.columns.map(({ name: column, type }) => `, ${column} ${type}`).join('');
  const [low = '', high = ''] = leavesOf(table.name).map(quoted);
  const parts = table.partitioned
    ? [
        `CREATE TABLE ${low} PARTITION OF ${name} FOR VALUES FROM (MINVALUE) TO (3000)`,
        `CREATE TABLE ${high} PARTITION OF ${name} FOR VALUES FROM (3000) TO (MAXVALUE)`,
      ]
    : [];
  const indexes = {
    note: `CREATE INDEX ON ${name} (note)`,
    unique: `CREATE UNIQUE INDEX ON ${name} (id, part)`,
    partial: `CREATE INDEX ON ${name} (part) WHERE id > 100`,
    expression: `CREATE INDEX ON ${name} (lower(note))`,
  };
  return [
    `CREATE TABLE ${name} (id bigint NOT NULL, part int NOT NULL DEFAULT 1, label text NOT NULL, note text, ref bigint${table.sequence ? ', counted bigserial' : ''}${columns}${keyOf(table)})${table.partitioned ? ' PARTITION BY RANGE (id)' : ''}`,
    ...parts,
    ...table.indexes.map((index) => indexes[index]),
    ...clusteringOf(table),
    ...(table.identity === 'full' ? [`ALTER TABLE ${name} REPLICA IDENTITY FULL`] : []),
    ...(table.refersTo === null
      ? []
      : [`ALTER TABLE ${name} ADD FOREIGN KEY (ref) REFERENCES ${quoted(table.refersTo)} (id)`]),
  ].join(';\n');
};

/** What CLUSTER goes by. */
const clusteringOf = ({ name, partitioned, identity }: ChaosTable): readonly string[] =>
  partitioned || identity === 'full'
    ? []
    : [`ALTER TABLE ${quoted(name)} CLUSTER ON ${quoted(`${name}_pkey`)}`];

const insertOf = (table: ChaosTable, rows: string, note: string): string => {
  const columns = ['id', 'part', 'label', 'note', ...table.columns.map(({ name }) => name)];
  const values = ['n', 'n % 5', `'label ' || n`, note, ...table.columns.map(({ value }) => value)];
  return `INSERT INTO ${quoted(table.name)} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${rows} AS n`;
};

/** Rows 1 to `rows`; the first of those that another table refers to are never taken away. */
export const fillingOf = (table: ChaosTable): string =>
  [
    insertOf(table, `generate_series(1, ${table.rows})`, `repeat(md5(n::text), 1 + n % 8)`),
    ...(table.refersTo === null
      ? []
      : [
          `UPDATE ${quoted(table.name)} SET ref = id WHERE id <= 40 AND EXISTS (SELECT FROM ${quoted(table.refersTo)} AS p WHERE p.id = ${quoted(table.name)}.id)`,
        ]),
  ].join(';\n');

/** What one commit of the application changes; `own` keeps the rows of two writers apart. */
export const writeOf = (
  table: ChaosTable,
  turn: number,
  random: RandomNumbers,
  own: number,
): string => {
  const name = quoted(table.name);
  const id = 1_000_000 + 2 * turn + own;
  const old = 50 + 2 * random.integer(0, 2000) + own;
  return random.pick([
    () => insertOf(table, `generate_series(${id}, ${id})`, `'turn ${turn}'`),
    () => `UPDATE ${name} SET note = 'turn ${turn}' WHERE id = ${old}`,
    () => `DELETE FROM ${name} WHERE id = ${old}`,
    () =>
      `UPDATE ${name} SET label = 'moved ${id}', part = ${turn}, id = -${id} WHERE id = ${old + 2}`,
  ])();
};
