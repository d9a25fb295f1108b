// steep schema compare and diff, as users run them: with a file and without, on nodes of different majors.

import { beforeAll, describe, expect, test } from 'vitest';
import { besidesPasswordWarning, runCli } from '../../support/cli.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

let primary: TestDatabase;
let reporting: TestDatabase;
let project: Project;

const shared = `
  CREATE SCHEMA billing; CREATE TYPE mood AS ENUM ('fine', 'sour');
  CREATE TABLE billing.invoices (id int PRIMARY KEY, total numeric(10,2) NOT NULL);
  CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
  CREATE TABLE same (id int PRIMARY KEY);`;

beforeAll(async () => {
  primary = await cluster.database(majors[0] ?? newestMajor);
  reporting = await cluster.database(newestMajor);
  await primary.query(`${shared}
    CREATE TABLE orders (id int PRIMARY KEY, note text, mood mood, gone int, total numeric(8,2) DEFAULT 0 CHECK (total >= 0));
    CREATE INDEX orders_note ON orders (note); CREATE TABLE refunds (id int)`);
  await reporting.query(`${shared} ALTER TYPE mood RENAME VALUE 'sour' TO 'bad';
    CREATE TABLE orders (id int PRIMARY KEY, note varchar(10), mood mood, total numeric(10,2) NOT NULL, extra int);
    CREATE UNIQUE INDEX orders_total ON orders (total); CREATE TABLE archive (id int)`);
  project = await createProject({ primary: primary.url, reporting: reporting.url }, {});
});

const pair = ['--node', 'primary', '--peer', 'reporting'] as const;

const columnsOf = (text: string): readonly string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

describe('compare', () => {
  test('says of each table how it matches, and of a schema that is the same in a line', async () => {
    const { code, stdout, stderr } = await project.steep('schema', 'compare', ...pair);
    expect(stderr).toBe('');
    expect(code).toBe(2);
    expect(columnsOf(stdout).slice(1)).toEqual([
      ['billing.*', 'MATCH', '1 table'],
      ['public.archive', 'REMOTE_ONLY', 'only on reporting'],
      ['public.customers', 'MATCH'],
      ['public.orders', 'MISMATCH'],
      ['public.refunds', 'LOCAL_ONLY', 'only on primary'],
      ['public.same', 'MATCH'],
      ['6 tables: 3 match, 1 differ, 1 only on primary, 1 only on reporting.'],
    ]);
  });

  test('--all lists every table', async () => {
    const { stdout } = await project.steep('schema', 'compare', ...pair, '--all');
    expect(columnsOf(stdout)).toContainEqual(['billing.invoices', 'MATCH']);
  });

  test('of what is the same it ends with 0, also with connections instead of a file', async () => {
    const connections = ['-c', primary.url, '--peer-connection', reporting.url];
    const some = await runCli([
      'schema',
      'compare',
      ...connections,
      '--tables',
      'same,billing.invoices',
    ]);
    expect([some.code, besidesPasswordWarning(some.stderr)]).toEqual([0, '']);
    expect(some.stdout).toContain('Identical: 2 tables.');
    const schema = await runCli([
      'schema',
      'compare',
      ...connections,
      '--schema',
      'billing',
      '--json',
    ]);
    expect(schema.code).toBe(0);
    expect(JSON.parse(schema.stdout)).toMatchObject({
      identical: true,
      matching_schemas: [{ schema: 'billing', tables: 1 }],
      summary: { match: 1, mismatch: 0, local_only: 0, remote_only: 0 },
      tables: [],
    });
  });

  test('--fingerprint replication does not mind what apply does not need', async () => {
    const a = await cluster.database(newestMajor);
    const b = await cluster.database(newestMajor);
    await a.query('CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 1, b int)');
    await b.query(
      'CREATE TABLE t (b int, a int NOT NULL, id int PRIMARY KEY); CREATE INDEX ON t (a)',
    );
    const connections = ['-c', a.url, '--peer-connection', b.url];
    const strict = await runCli(['schema', 'compare', ...connections]);
    expect(strict.code).toBe(2);
    expect(strict.stdout).toContain('names, types and identity are the same');
    const loose = await runCli([
      'schema',
      'compare',
      ...connections,
      '--fingerprint',
      'replication',
    ]);
    expect(loose.code).toBe(0);
  });

  test('a node that cannot be read ends it with 7, a wrong name with 64, and no URL is shown', async () => {
    const canary = 'postgresql://postgres:canary@127.0.0.1:1/x';
    const unread = await runCli([
      'schema',
      'compare',
      '-c',
      canary,
      '--peer-connection',
      primary.url,
      '--json',
    ]);
    expect(unread.code).toBe(7);
    expect(JSON.parse(unread.stdout)).toMatchObject({ error: { exit_code: 7 } });
    const unknown = await project.steep(
      'schema',
      'compare',
      '--node',
      'primry',
      '--peer',
      'reporting',
    );
    expect(unknown.code).toBe(64);
    expect(unknown.stderr).toContain('Did you mean `primary`?');
    const wrong = await runCli([
      'schema',
      'compare',
      '-c',
      'canary=x',
      '--peer-connection',
      canary,
    ]);
    expect(wrong.code).toBe(64);
    const neither = await project.steep('schema', 'compare', '--node', 'primary');
    expect(neither.code).toBe(64);
    const name = await project.steep('schema', 'compare', ...pair, '--tables', 'a.b.c');
    expect(name.code).toBe(64);
    for (const { stdout, stderr } of [unread, unknown, wrong, neither, name]) {
      expect(stdout + stderr).not.toContain('canary');
    }
  });
});

describe('diff', () => {
  test('shows every line that differs, and what it would break', async () => {
    const { code, stdout } = await project.steep('schema', 'diff', ...pair);
    expect(code).toBe(2);
    const orders = stdout.slice(stdout.indexOf('public.orders'), stdout.indexOf('public.refunds'));
    expect(orders).toMatchSnapshot();
    expect(stdout).toContain(
      '3 tables differ: 2 would stop apply, 0 would differ in silence, 0 would be slow, 1 harmless.',
    );
  });

  test('--json has each difference by itself', async () => {
    const { stdout } = await project.steep(
      'schema',
      'diff',
      ...pair,
      '--tables',
      'orders',
      '--json',
    );
    const report = JSON.parse(stdout);
    const found = report.tables[0].differences.map((it: Readonly<Record<string, string>>) => [
      it.effect,
      it.part,
      it.name,
    ]);
    expect(found).toEqual([
      ['stops', 'type of column', 'note'],
      ['stops', 'column', 'gone'],
      ['stops', 'NOT NULL', 'total'],
      ['stops', 'type', 'public.mood'],
      ['stops', 'index', 'orders_total'],
      ['silent', 'column', 'extra'],
      ['harmless', 'type of column', 'total'],
      ['harmless', 'default', 'total'],
      ['harmless', 'constraint', 'orders_total_check'],
      ['harmless', 'index', 'orders_note'],
    ]);
  });

  test('a node is not compared with itself', async () => {
    const { code, stderr } = await project.steep(
      'schema',
      'diff',
      '--node',
      'primary',
      '--peer',
      'primary',
    );
    expect(code).toBe(64);
    expect(stderr).toContain('Node primary is named twice.');
  });
});
