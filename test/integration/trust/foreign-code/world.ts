// Two databases of one server, steep as superuser, and tables on both of a role that has no rights but to create.

import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { cluster, type TestDatabase } from '../../../support/servers/cluster.ts';
import { testDatabase, urlOf } from '../../../support/servers/test-database.ts';
import { createProject, type Project, type Topology } from '../../../support/worlds/project.ts';
import { harmless, harmlessTypes, type ScanAttack, weapons } from './attacks.ts';
import type { FillAttack } from './fill-attack.ts';

export interface AttackWorld {
  readonly source: TestDatabase;
  readonly target: TestDatabase;
  /** The role that owns what is attacked with. */
  readonly owner: string;
  /** Connections of that role. */
  readonly as: { readonly source: TestDatabase; readonly target: TestDatabase };
  readonly project: Project;
  /** Names of the attacks that have succeeded since the last call. */
  readonly marks: () => Promise<readonly string[]>;
}

const rowsOf: Readonly<Record<string, string>> = {
  nested_domain: `SELECT n, '{x}'::app.outer_note[] FROM generate_series(1, 2) AS n`,
  composite: `SELECT n, ROW(n, 'x')::app.pair FROM generate_series(1, 2) AS n`,
  json_cast: `SELECT 1, 'fine'::app.mood`,
  text_cast: `SELECT 1, 'fine'::app.feeling`,
  json_returning: `SELECT 1, '"x"'::jsonb`,
  // A GiST index asks how far ranges are apart once it has several pages.
  range_index: `SELECT n, app.span(n, n + 9) FROM generate_series(1, 3000) AS n`,
};

const plainRows = `SELECT n, 'note ' || n FROM generate_series(1, 2) AS n`;

/** A superuser's: only the subscriber's side is attacked. */
const published = (attacks: readonly FillAttack[]): string =>
  attacks
    .map(
      ({ name, published: columns = 'id int PRIMARY KEY, note text' }) =>
        `CREATE TABLE app.${name} (${columns}); INSERT INTO app.${name} ${rowsOf[name] ?? plainRows};`,
    )
    .join('\n');

const table = (name: string): string => `CREATE TABLE app.${name} (id int PRIMARY KEY, note text);`;

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** What there is on either side. */
export interface Attacks {
  readonly fills: readonly FillAttack[];
  readonly scans: readonly ScanAttack[];
}

export async function attackWorld(
  major: number,
  { fills, scans }: Attacks,
  topology: (slot: string) => Topology,
): Promise<AttackWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'steep-foreign-code-'));
  folders.push(folder);
  // The server may run as another user.
  await chmod(folder, 0o777);
  const source = await cluster.database(major);
  const target = await cluster.database(major);
  const owner = `owner_${target.name}`;
  await target.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'x'`);
  const own = (database: TestDatabase): TestDatabase =>
    testDatabase(database.conninfo.with({ user: owner, password: 'x' }), database.name);
  const as = { source: own(source), target: own(target) };
  for (const database of [source, target]) {
    await database.query(`
      CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO ${owner};
      GRANT CREATE ON DATABASE ${database.name} TO ${owner}`);
  }
  await source.query(
    `${harmlessTypes} ${published(fills)} ${table('harmless')} INSERT INTO app.harmless ${plainRows}`,
  );
  await as.target.query(weapons(folder));
  await as.target.query(`${harmless} ${fills.map((attack) => attack.table).join('\n')}`);
  await as.source.query(weapons(folder));
  for (const { name, attached } of scans) {
    await as.source.query(`${table(name)} ${attached}; INSERT INTO app.${name} ${plainRows}`);
    await target.query(table(name));
  }
  const project = await createProject(
    { source: urlOf(source.conninfo), target: urlOf(target.conninfo) },
    topology(`slot_${target.name}`),
  );
  await Promise.all([as.source.close(), as.target.close()]);
  const marks = async (): Promise<readonly string[]> => {
    const names = (await readdir(folder)).toSorted();
    await Promise.all(names.map((name) => rm(join(folder, name))));
    return names;
  };
  return { source, target, owner, as, project, marks };
}
