// Wherever a variable with a password is in a connection, and whatever the command: no output and no file has it.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommandsAlone } from '../../support/hosted-cli.ts';
import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { majors } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';

runCommandsAlone();

const secret = `S3cr<et>&'"\\ %word`;
const uriSecret = encodeURIComponent(secret).replaceAll("'", '%27');

/** What a reader would recognize in any form. */
const traces = /S3cr|word\b.*S3cr|%word|%25word/;

interface Place {
  readonly what: string;
  readonly connection: (own: URL) => unknown;
  /** The server lets it in. */
  readonly works?: true;
}

const parts = (own: URL) => ({
  host: own.hostname,
  port: Number(own.port),
  dbname: own.pathname.slice(1),
});

const places: readonly Place[] = [
  { what: 'the whole connection', connection: () => `\${WHOLE_URL}`, works: true },
  {
    what: 'a part of a URI',
    connection: (own) => `postgresql://\${READER}:\${URI_PART}@${own.host}${own.pathname}`,
    works: true,
  },
  {
    what: 'a keyword of a text',
    connection: (own) =>
      `host=${own.hostname} port=${own.port} dbname=${own.pathname.slice(1)} user=\${READER} password=\${QUOTED_PASSWORD}`,
    works: true,
  },
  {
    what: 'password_env',
    connection: (own) => ({ ...parts(own), user: `\${READER}`, password_env: 'PLAIN' }),
    works: true,
  },
  {
    what: 'password',
    connection: (own) => ({ ...parts(own), user: `\${READER}`, password: `\${PLAIN}` }),
    works: true,
  },
  {
    what: 'a whole URI as dbname',
    connection: (own) => ({ ...parts(own), dbname: `\${WHOLE_URL}` }),
  },
  {
    what: 'a whole URI as dbname, in a text',
    connection: (own) => `host=${own.hostname} port=${own.port} dbname='\${WHOLE_URL}'`,
  },
  {
    what: 'a password as dbname',
    connection: (own) => ({ ...parts(own), user: 'postgres', dbname: `\${NAMED_PASSWORD}` }),
  },
  {
    what: 'a password as user',
    connection: (own) => ({ ...parts(own), user: `\${NAMED_PASSWORD}`, password: 'xxxxxxxx' }),
  },
  {
    what: 'a password as host',
    connection: (own) => ({ ...parts(own), host: `\${NAMED_PASSWORD}` }),
  },
  {
    what: 'a password as an option',
    connection: (own) => ({ ...parts(own), user: 'postgres', options: `-c \${NAMED_PASSWORD}` }),
  },
  {
    what: 'a default',
    connection: (own) => ({ ...parts(own), user: `\${READER}`, password: `\${UNSET:-${secret}}` }),
    works: true,
  },
  { what: 'a URI that cannot be read', connection: () => `x\${WHOLE_URL}` },
];

const planned: readonly (readonly string[])[] = [
  [
    'plan',
    '--out',
    'plan',
    '--report',
    'markdown=p.md',
    '--report',
    'html=p.html',
    '--log-file',
    'plan.log',
  ],
];

/** Of the first place: what a connection is used for does not depend on how it is written. */
const all: readonly (readonly string[])[] = [
  ['validate'],
  ...planned,
  ['plan', '--json', '--report', 'junit=p.xml', '--report', 'sql=p.sql', '--report', 'json=p.json'],
  ['apply', '--auto-approve', '--json', '--log-file', 'json.log'],
  ['status', '--json'],
  ['drift', '--report', 'json=d.json', '--log-file', 'text.log', '--log-format', 'text'],
  ['doctor'],
  ['graph', '--live'],
];

const commandsOf = (place: Place): readonly (readonly string[])[] => {
  if (place === places[0]) return all;
  return place.works === true ? planned : [...planned, ['status']];
};

test('no output, no file and no row of steep_repl has the password', {
  timeout: 600_000,
}, async () => {
  const major = majors.at(-1) ?? 18;
  const [source, target] = [await cluster.database(major), await cluster.database(major)];
  for (const database of [source, target])
    await database.query('CREATE TABLE a (id int PRIMARY KEY)');
  const role = `secretive_${source.name}`;
  await source.query(
    `CREATE ROLE ${role} SUPERUSER LOGIN PASSWORD '${secret.replaceAll("'", "''")}'`,
  );
  const own = new URL(source.url);
  const project = (await createProject({ reporting: target.url }, {})).withEnvironment({
    WHOLE_URL: `postgresql://${role}:${uriSecret}@${own.host}${own.pathname}`,
    READER: role,
    URI_PART: uriSecret,
    QUOTED_PASSWORD: `'${secret.replace(/[\\']/g, '\\$&')}'`,
    PLAIN: secret,
    NAMED_PASSWORD: secret,
  });
  for (const place of places) {
    const { what, connection, works } = place;
    await project.write('steep.yaml', fileWith(connection(own), source));
    for (const command of commandsOf(place)) {
      const { code, stdout, stderr } = await project.steep(...command);
      const said = `${what}: ${command.join(' ')}: ${stdout}${stderr}`;
      expect(said.replace(what, ''), what).not.toMatch(traces);
      if (works === true) expect(code, said).not.toBe(65);
      if (works === true && command[0] === 'apply') expect(code, said).toBe(0);
    }
  }
  await expectCleanFiles(project.path(''));
  for (const database of [source, target]) {
    for (const text of await metadataTexts(database)) expect(text).not.toMatch(traces);
  }
});

/** JSON is YAML. */
const fileWith = (connection: unknown, { name }: TestDatabase): string =>
  JSON.stringify({
    version: 1,
    nodes: { primary: { connection }, reporting: { connection: `\${REPORTING_URL}` } },
    publications: { p: { node: 'primary', tables: ['a'] } },
    subscriptions: {
      s: { node: 'reporting', source: 'primary', publications: ['p'], slot: `s_${name}` },
    },
  });

const expectCleanFiles = async (folder: string): Promise<void> => {
  for (const file of await readdir(folder)) {
    if (file === 'steep.yaml' || !(await stat(join(folder, file))).isFile()) continue;
    expect(await readFile(join(folder, file), 'utf8'), file).not.toMatch(traces);
  }
};

const metadataTexts = async (database: TestDatabase): Promise<readonly string[]> => {
  const tables = await database.query<{ readonly name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'steep_repl'",
  );
  expect(tables.length).toBeGreaterThan(5);
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ readonly text: string }>(
      `SELECT t::text AS text FROM ${name} t`,
    );
    texts.push(...rows.map(({ text }) => text));
  }
  return texts;
};

test('a password on the command line is warned of once, and not printed', async () => {
  const project = await createProject({}, {});
  const { stderr, stdout, code } = await project.steep(
    'import',
    '--node',
    `a=postgres://u:${uriSecret}@127.0.0.1:1/x`,
    '--node',
    `b=host=127.0.0.1 port=1 password=another-secret`,
    '--out',
    'x.yaml',
  );
  expect(code).toBe(7);
  expect(stderr.match(/list of processes/g)).toHaveLength(1);
  expect(stdout + stderr).not.toMatch(traces);
  expect(stdout + stderr).not.toContain('another-secret');
  const quiet = await project.steep(
    'import',
    '--node',
    'a=postgres://u@127.0.0.1:1/x',
    '--out',
    'x',
  );
  expect(quiet.stderr).not.toContain('list of processes');
});
