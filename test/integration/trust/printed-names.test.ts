// A table whose name is a command to a build server: no command prints a line of its own for it, and SQL that steep writes
// means the same name.

import { expect, test } from 'vitest';
import { cluster } from '../../support/servers/cluster.ts';
import { lastByDay, majors } from '../../support/servers/majors.ts';
import { createProject } from '../../support/worlds/project.ts';

const name = 'odd\n::set-output name=x::y\r\u001b[2J\u202e##[add-mask]z';
const quoted = `"${name}"`;

const commands: readonly (readonly string[])[] = [
  ['plan'],
  ['plan', '--sql'],
  ['plan', '--json', '--out', 'p', '--report', 'markdown=p.md', '--report', 'junit=p.xml'],
  ['plan', '--report', 'sql=p.sql', '--report', 'html=p.html', '--report', 'json=p.json'],
  ['show', 'p'],
  ['apply', '--auto-approve', '--log-file', 'a.log', '--log-format', 'text'],
  ['status'],
  ['drift', '--report', 'markdown=d.md', '--report', 'junit=d.xml', '--report', 'json=d.json'],
  ['doctor'],
  ['graph'],
  ['schema', 'diff', '--node', 'primary', '--peer', 'reporting'],
  ['schema', 'export', '--node', 'primary'],
  ['schema', 'export', '--node', 'primary', '--out', 's.sql'],
  ['snapshot', 'generate', '--node', 'primary', '--output', 'snap', '--log-file', 'j.log'],
  ['snapshot', 'show', 'snap'],
];

const files = [
  'p',
  'p.md',
  'p.xml',
  'p.sql',
  'p.html',
  'p.json',
  'a.log',
  'd.md',
  'd.xml',
  'd.json',
  's.sql',
];

const notPrintable = /(?![\t\n])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

const expectHarmless = (what: string, text: string): void => {
  expect(text, what).not.toMatch(notPrintable);
  expect(text, what).not.toMatch(/^\s*::/m);
  // Nor one that was made harmless at the edge: the name has no line of its own.
  if (!what.endsWith('.sql')) expect(text, what).not.toMatch(/^\s*(?:\\x3a|&#58;):/m);
  expect(text, what).not.toContain('##[');
};

test.each(lastByDay(majors.filter((major) => major === 14 || major === 18)))(
  'PostgreSQL %i',
  async (major) => {
    const [source, target, empty] = [
      await cluster.database(major),
      await cluster.database(major),
      await cluster.database(major),
    ];
    for (const database of [source, target]) {
      await database.query(`CREATE TABLE ${quoted} (id int PRIMARY KEY, ${quoted} text)`);
    }
    const project = await createProject(
      { primary: source.url, reporting: target.url },
      {
        publications: { p: { node: 'primary', tables: ['public.*'] } },
        subscriptions: {
          s: {
            node: 'reporting',
            source: 'primary',
            publications: ['p'],
            slot: `s_${source.name}`,
          },
        },
      },
    );
    for (const command of commands) {
      const { stdout, stderr, code } = await project.steep(...command);
      expect([0, 1, 2], `${command.join(' ')}: ${stdout}${stderr}`).toContain(code);
      expectHarmless(command.join(' '), stdout + stderr);
    }
    for (const file of files) expectHarmless(file, await project.read(file));
    await empty.query(await project.read('s.sql'));
    expect(await empty.query(`SELECT ${quoted} FROM ${quoted}`)).toEqual([]);
  },
);
