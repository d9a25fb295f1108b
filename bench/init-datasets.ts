// What the benchmark of initial copies copies: four databases, each with what one way of copying is bad at.

export interface Dataset {
  readonly name: string;
  /** Schema alone, for both ends. */
  readonly schema: string;
  /** Statements that fill it, each in a transaction of its own. */
  readonly rows: readonly string[];
  readonly tables: readonly string[];
  /** What is to be reached, as a share of native copy_data. */
  readonly targetRatio: number;
}

/** At 1: about 2 GB, 2 GB, a thousand tables, and 1 GB. */
export const datasets = (scale: number): readonly Dataset[] => [
  indexed(Math.round(1_500_000 * scale)),
  single(Math.round(11_000_000 * scale)),
  small(Math.max(50, Math.round(1000 * scale))),
  wide(Math.round(45_000 * scale)),
];

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

const rowOf = `n, n % 10000, now() - n * interval '1 s', md5(n::text), (n % 97) * 1.25, repeat(md5((n * 7)::text), 2), n % 3 = 0`;

const columns =
  'id bigint PRIMARY KEY, customer int, at timestamptz, code text, amount numeric(10,2), note text, done bool';

const indexed = (rows: number): Dataset => {
  const tables = numbered('indexed_', 4);
  return {
    name: 'four tables, five indexes each',
    tables,
    schema: tables
      .map(
        (table) => `CREATE TABLE ${table} (${columns});
          CREATE INDEX ON ${table} (customer); CREATE INDEX ON ${table} (at); CREATE INDEX ON ${table} (code);
          CREATE INDEX ON ${table} (amount, done);`,
      )
      .join('\n'),
    rows: tables.map(
      (table) => `INSERT INTO ${table} SELECT ${rowOf} FROM generate_series(1, ${rows}) n`,
    ),
    targetRatio: 0.5,
  };
};

const single = (rows: number): Dataset => ({
  name: 'one table with its key',
  tables: ['single'],
  schema: `CREATE TABLE single (${columns})`,
  rows: [`INSERT INTO single SELECT ${rowOf} FROM generate_series(1, ${rows}) n`],
  targetRatio: 1,
});

const small = (count: number): Dataset => {
  const tables = numbered('small_', count);
  return {
    name: `${count} small tables`,
    tables,
    schema: tables
      .map((table) => `CREATE TABLE ${table} (id int PRIMARY KEY, note text);`)
      .join('\n'),
    rows: tables.map(
      (table) => `INSERT INTO ${table} SELECT n, md5(n::text) FROM generate_series(1, 50) n`,
    ),
    targetRatio: 0.2,
  };
};

const wide = (rows: number): Dataset => ({
  name: 'rows of 20 kB, out of line',
  tables: ['wide'],
  schema: `CREATE TABLE wide (id int PRIMARY KEY, body bytea, note text); ALTER TABLE wide ALTER body SET STORAGE EXTERNAL`,
  rows: [
    `INSERT INTO wide SELECT n, decode(repeat(md5(n::text), 1280), 'hex'), md5(n::text) FROM generate_series(1, ${rows}) n`,
  ],
  targetRatio: 1,
});
