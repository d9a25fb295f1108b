// Names and values of rows that move a cursor, turn the direction of text, or are commands of a shell or a build server: what
// is printed by commands that look at rows and at single objects. Nothing of a copied command runs.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { quoteIdentifier } from '../../../src/model/identifier.ts';
import { cluster } from '../../support/servers/cluster.ts';
import { majors, newestMajor } from '../../support/servers/majors.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

const odd = '$(touch ran)`touch ran`\n::set-output n=x::\r\u001b[2J\u202e##[mask]';
const name = quoteIdentifier(odd);
const value = `'${odd}'`;

const commands = (url: string, peer: string): readonly (readonly string[])[] => [
  ['verify', '--report', 'csv=v.csv', '--report', 'junit=v.xml', '--report', 'json=v.json'],
  ['repair', odd, '--dry-run', '--report', 'sql=r.sql'],
  ['repair', odd, '--auto-approve'],
  ['repair', 'nothing'],
  ['status', '-c', url, '--peer-connection', peer],
  ['verify', '-c', url, '--peer', peer],
  ['replication', 'sub', 'list', '-c', peer],
  ['replication', 'sub', 'drop', odd, '-c', peer, '--dry-run'],
  ['replication', 'sub', 'refresh', odd, '-c', peer, '--dry-run'],
  [
    'replication',
    'pub',
    'remove-tables',
    odd,
    '--tables',
    `public.${name}`,
    '-c',
    url,
    '--dry-run',
  ],
  ['import', '--node', `a=${url}`, '--node', `b=${peer}`, '--out', 'imported.yaml', '--force'],
];

const files = ['v.csv', 'v.xml', 'v.json', 'r.sql', 'imported.yaml'];

const notPrintable = /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const expectHarmless = (what: string, text: string): void => {
  expect(text, what).not.toMatch(notPrintable);
  expect(text, what).not.toMatch(/^\s*(?:::|\\x3a:)/m);
  expect(text, what).not.toContain('##[');
};

const paste = (project: Project, text: string): void => {
  for (const [command] of text.matchAll(/(?:\bsteep [a-z]+ (?!found )|--allow-hazard )[^\n]*/g)) {
    const line = command.startsWith('--') ? `steep ${command}` : command;
    // The rest of a sentence may be none of a shell's.
    const script = `steep() { :; }\n${line}\ntrue`;
    execFileSync('bash', ['-c', script], { cwd: project.path(''), stdio: 'ignore' });
    expect(existsSync(project.path('ran')), command).toBe(false);
  }
};

test('commands that look at rows and at single objects', async () => {
  const source = await cluster.database(majors.includes(14) ? 14 : newestMajor);
  const target = await cluster.database(newestMajor);
  for (const database of [source, target]) {
    await database.query(`CREATE TABLE ${name} (${name} text PRIMARY KEY, note text)`);
  }
  await source.query(
    `INSERT INTO ${name} VALUES (${value}, ${value}), ('b', ${value}), ('c', 'c')`,
  );
  const project = await createProject(
    { primary: source.url, reporting: target.url },
    {
      publications: { [odd]: { node: 'primary', tables: [`public.${name}`] } },
      subscriptions: {
        [odd]: {
          node: 'reporting',
          source: 'primary',
          publications: [odd],
          slot: `s_${source.name}`,
        },
      },
    },
  );
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stderr).toBe(0);
  await target.query(`
    UPDATE ${name} SET note = 'other' WHERE note = 'c';
    DELETE FROM ${name} WHERE ${name} LIKE '$%';
    UPDATE ${name} SET note = note || 'x' WHERE ${name} = 'b';
    INSERT INTO ${name} VALUES (${value} || 'extra', ${value})`);
  for (const command of commands(source.url, target.url)) {
    const { code, stdout, stderr } = await project.steep(...command);
    expect([0, 1, 2, 3, 64], `${command.join(' ')}: ${stderr}`).toContain(code);
    expectHarmless(command.join(' '), stdout + stderr);
    paste(project, stdout + stderr);
  }
  for (const file of files) expectHarmless(file, await project.read(file));
  const imported = parse(await project.read('imported.yaml')) as {
    readonly publications: Readonly<Record<string, { readonly tables: readonly string[] }>>;
  };
  expect(imported.publications[odd]?.tables).toEqual([`public.${name}`]);
  await target.query(await project.read('r.sql'));
  const rows = `SELECT * FROM ${name} ORDER BY 1`;
  expect(await target.query(rows)).toEqual(await source.query(rows));
});
