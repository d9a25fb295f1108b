// Which rows differ: every planted difference is found, whatever the key, and none is invented.

import { describe, expect, test } from 'vitest';
import { differencesOf } from '../../support/differences.ts';
import { randomNumbers } from '../../support/plans/random-numbers.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';

const nightly = process.env.STEEP_TEST_NIGHTLY !== undefined;
const oldest = majors[0] ?? newestMajor;

interface Planted {
  readonly name: string;
  /** Without the key. */
  readonly definition: string;
  readonly columns: readonly string[];
  readonly fill: string;
  /** On the second database. */
  readonly change: string;
  /** A statement for the first database alone. */
  readonly changeFirst?: string;
  readonly where?: string;
  readonly found: { readonly different?: number; readonly onlyA?: number; readonly onlyB?: number };
  readonly key: readonly string[] | null;
}

const thousand = 'generate_series(1, 1000) AS n';

const planted: readonly Planted[] = [
  {
    name: 'swaps',
    definition: 'id int PRIMARY KEY, a int, b text',
    columns: ['id', 'a', 'b'],
    fill: `SELECT n, n, 'v' || n FROM ${thousand}`,
    // Sums of plain hashes would be the same.
    change: `UPDATE swaps SET a = CASE id WHEN 1 THEN 2 ELSE 1 END WHERE id IN (1, 2)`,
    found: { different: 2 },
    key: ['id'],
  },
  {
    name: 'signs',
    definition: 'id bigint PRIMARY KEY, a numeric, b float8, c bigint',
    columns: ['id', 'a', 'b', 'c'],
    fill: `SELECT n, n, n, n FROM ${thousand}`,
    change: `UPDATE signs SET a = -a WHERE id = 7; UPDATE signs SET b = -b WHERE id = 8; UPDATE signs SET c = -c WHERE id = 9`,
    found: { different: 3 },
    key: ['id'],
  },
  {
    name: 'nulls',
    definition: 'id int PRIMARY KEY, a text, b text',
    columns: ['id', 'a', 'b'],
    fill: `SELECT n, '', NULL FROM ${thousand}`,
    change: `UPDATE nulls SET a = NULL WHERE id = 1; UPDATE nulls SET a = NULL, b = '' WHERE id = 1000`,
    found: { different: 2 },
    key: ['id'],
  },
  {
    name: 'here_and_there',
    definition: 'id int PRIMARY KEY, a text',
    columns: ['id', 'a'],
    fill: `SELECT n, 'x' FROM ${thousand}`,
    change: `DELETE FROM here_and_there WHERE id IN (1, 1000); INSERT INTO here_and_there VALUES (0, 'x'), (-5, 'x'), (1001, 'x')`,
    found: { onlyA: 2, onlyB: 3 },
    key: ['id'],
  },
  {
    name: 'without_key',
    definition: 'a int, b text',
    columns: ['a', 'b'],
    fill: `SELECT n % 10, 'twin' FROM ${thousand}`,
    change: `DELETE FROM without_key WHERE ctid = (SELECT min(ctid) FROM without_key); INSERT INTO without_key VALUES (3, 'twin'), (3, 'twin'), (NULL, NULL)`,
    found: { onlyA: 1, onlyB: 3 },
    key: null,
  },
  {
    name: 'texts',
    definition: 'k text COLLATE odd PRIMARY KEY, a int',
    columns: ['a', 'k'],
    fill: `SELECT 'Key ' || n, n FROM ${thousand}`,
    change: `UPDATE texts SET k = upper(k) WHERE a = 5; UPDATE texts SET a = 0 WHERE a = 6; INSERT INTO texts VALUES (E'tab\\t and \\\\ and \\n', 1)`,
    found: { different: 1, onlyA: 1, onlyB: 2 },
    key: ['k'],
  },
  {
    name: 'composite',
    definition: 'b uuid, a numeric(9, 2), c timestamptz, PRIMARY KEY (b, a)',
    columns: ['a', 'b', 'c'],
    fill: `SELECT md5((n / 10)::text)::uuid, n / 4.0, 'epoch'::timestamptz + n * interval '1 us' FROM ${thousand}`,
    change: `UPDATE composite SET c = c + interval '1 us' WHERE a = 2.5; UPDATE composite SET a = -a WHERE a = 3`,
    found: { different: 1, onlyA: 1, onlyB: 1 },
    key: ['b', 'a'],
  },
  {
    name: 'unique_only',
    definition: 'a int, b varchar(20) NOT NULL UNIQUE, c json',
    columns: ['a', 'b', 'c'],
    fill: `SELECT n, 'k' || n, json_build_object('n', n) FROM ${thousand}`,
    change: `UPDATE unique_only SET c = '{"n":  3}' WHERE a = 3`,
    found: { different: 1 },
    key: ['b'],
  },
  {
    name: 'parted',
    definition: 'id int PRIMARY KEY, a text) PARTITION BY RANGE (id',
    columns: ['a', 'id'],
    fill: `SELECT n, 'x' || n FROM ${thousand}`,
    change: `UPDATE parted SET a = 'y' WHERE id IN (499, 500)`,
    found: { different: 2 },
    key: ['id'],
  },
  {
    name: 'filtered',
    definition: 'id int PRIMARY KEY, a text, g int GENERATED ALWAYS AS (id * 2) STORED',
    columns: ['a', 'id'],
    fill: `SELECT n, 'x' || n FROM ${thousand}`,
    where: `id > 500`,
    change: `DELETE FROM filtered WHERE id <= 500; INSERT INTO filtered VALUES (1, 'stray'); DELETE FROM filtered WHERE id = 501`,
    found: { onlyA: 1, onlyB: 1 },
    key: ['id'],
  },
];

const create = ({ name, definition, fill }: Planted): string => {
  const parts =
    name === 'parted'
      ? `CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (MINVALUE) TO (500);
         CREATE TABLE parted_high PARTITION OF parted DEFAULT;`
      : '';
  const columns = name === 'filtered' ? ' (id, a)' : '';
  return `CREATE TABLE ${name} (${definition}); ${parts} INSERT INTO ${name}${columns} ${fill};`;
};

const odd = `CREATE COLLATION odd (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`;

describe.each([
  [oldest, newestMajor],
  [newestMajor, newestMajor],
])('from %i to %i', (majorA, majorB) => {
  test('planted differences are found, and no others', async () => {
    const [a, b] = [await cluster.database(majorA), await cluster.database(majorB)];
    for (const database of [a, b]) {
      await database.query(odd + planted.map(create).join('\n'));
      // Rows lie elsewhere, and were written in another order.
      if (database === b) await database.query('UPDATE swaps SET a = a; UPDATE nulls SET a = a');
    }
    const table = ({ name, columns, where }: Planted) => ({
      name,
      columns,
      ...(where === undefined ? {} : { where }),
    });
    for (const it of planted) {
      const same = await differencesOf(a, b, { name: it.name, columns: it.columns });
      expect(same, it.name).toMatchObject({
        equal: 1000,
        different: 0,
        onlyA: 0,
        onlyB: 0,
        key: it.key,
      });
      expect(same.suspicions, it.name).toEqual([]);
      await b.query(it.change);
      const found = await differencesOf(a, b, table(it), { jobs: 2 });
      const { different = 0, onlyA = 0, onlyB = 0 } = it.found;
      expect(found, it.name).toMatchObject({ different, onlyA, onlyB });
      const [ofA, ofB] = (['a', 'b'] as const).map((side) =>
        found.suspicions.reduce((sum, suspicion) => sum + suspicion[side], 0),
      );
      expect([ofA, ofB], it.name).toEqual([different + onlyA, different + onlyB]);
      expect(found.equal, it.name).toBe(found.rowsA - different - onlyA);
    }
  });
});

test('random tables: what was changed is what is found', async () => {
  const [a, b] = [await cluster.database(oldest), await cluster.database(newestMajor)];
  const seed = Number(process.env.STEEP_TEST_SEED ?? 1);
  for (let turn = 0; turn < (nightly ? 1000 : 50); turn += 1) {
    await playRandomTable(a, b, seed * 1000 + turn);
  }
});

type Database = Awaited<ReturnType<typeof cluster.database>>;

const keyTypes = [
  (n: string) => `${n}::int`,
  (n: string) => `${n}::bigint * 10000000019`,
  (n: string) => `md5(${n}::text)::uuid`,
  (n: string) => `'Ärger ' || ${n}`,
  (n: string) => `${n} / 4.0`,
  (n: string) => `'2020-01-01'::timestamptz + ${n} * interval '1 s'`,
] as const;
const names = ['int', 'bigint', 'uuid', 'text', 'numeric', 'timestamptz'] as const;

const playRandomTable = async (a: Database, b: Database, seed: number): Promise<void> => {
  const random = randomNumbers(seed);
  const rows = random.pick([0, 1, 17, 300]);
  const width = random.integer(0, 2);
  const types = Array.from({ length: width }, () => random.integer(0, keyTypes.length - 1));
  const keyed = width > 0;
  const keys = types.map((_type, index) => `k${index}`);
  const columns = [...keys, 'v'];
  const table = `r${seed}`;
  const definition = [...types.map((type, index) => `k${index} ${names[type]}`), 'v text'];
  if (keyed) definition.push(`PRIMARY KEY (${keys.join(', ')})`);
  const values = (n: string): string =>
    [...types.map((type) => keyTypes[type]?.(n) ?? n), `'v' || ${n}`].join(', ');
  for (const database of [a, b]) {
    await database.query(`CREATE TABLE ${table} (${definition.join(', ')});
      INSERT INTO ${table} SELECT ${values('n')} FROM generate_series(1, ${rows}) AS n`);
  }
  const numbers = Array.from({ length: rows }, (_, index) => index + 1);
  const outcome = (): 'gone' | 'changed' | 'same' =>
    random.chance(0.05) ? 'gone' : random.chance(0.05) ? 'changed' : 'same';
  const outcomes = Map.groupBy(numbers, outcome);
  const [gone, changed] = [outcomes.get('gone') ?? [], outcomes.get('changed') ?? []];
  const added = random.integer(0, 3);
  const among = (some: readonly number[]): string =>
    `ANY ('{${some.map((n) => `v${n}`).join(',')}}')`;
  await b.query(`DELETE FROM ${table} WHERE v = ${among(gone)};
    UPDATE ${table} SET v = v || ${random.pick([`'!'`, 'NULL', `' '`])} WHERE v = ${among(changed)};
    INSERT INTO ${table} SELECT ${values('n')} FROM generate_series(${rows + 1}, ${rows + added}) AS n`);
  const found = await differencesOf(a, b, { name: table, columns }, { jobs: random.integer(1, 2) });
  const expected = keyed
    ? { different: changed.length, onlyA: gone.length, onlyB: added }
    : { different: 0, onlyA: gone.length + changed.length, onlyB: added + changed.length };
  expect(found, `seed ${seed}`).toMatchObject(expected);
  for (const database of [a, b]) await database.query(`DROP TABLE ${table}`);
};
