// steep watch as users start it: on real servers as text, and in a pseudo terminal over a recording.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recordedLine } from '../../src/cli/watch/recording.ts';
import { watched } from '../support/plans/watched.ts';
import { waitFor } from '../support/servers/wait.ts';
import { createEdge } from '../support/worlds/edge.ts';
import { createProject } from '../support/worlds/project.ts';
import { inTerminal } from '../support/worlds/terminal.ts';

interface Seen {
  readonly event: string;
  readonly at: number;
  readonly node?: string;
  readonly facts?: { readonly enabled: boolean; readonly lag_bytes: number };
}

test('a change on a server is seen by the next look; what was recorded is played', async () => {
  const edge = await createEdge();
  const { project } = edge;
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stderr).toBe(0);

  const watching = project.start('watch', '--plain', '--record', 'seen.ndjson');
  const seen = (): readonly Seen[] => {
    const text = readFileSync(project.path('seen.ndjson'), { encoding: 'utf8', flag: 'a+' });
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Seen);
  };
  const edges = (): readonly Seen[] => seen().filter(({ event }) => event === 'watch.edge');
  await waitFor('the edge', async () => edges().some(({ facts }) => facts?.enabled === true));
  const changed = Date.now();
  await edge.subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  const found = await waitFor('the change', async () =>
    edges().find(({ facts, at }) => at >= changed && facts?.enabled === false),
  );
  // The look that was under way may have missed it, the next one did not; the pause between two is at most 1.5 s.
  const missed = seen().filter(
    ({ event, node, at }) =>
      event === 'watch.node' && node === 'subscriber' && at >= changed && at < found.at,
  );
  expect(missed.length).toBeLessThan(2);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  watching.kill('SIGINT');
  const { code, stdout, stderr } = await watching.result;
  expect(code, stderr).toBe(130);
  expect(stdout).toMatch(/items +publisher -> subscriber/);

  const played = await project.steep('watch', '--replay', 'seen.ndjson', '--once');
  expect(played.stdout.split('\n').slice(1)).toEqual(
    stdout.slice(stdout.lastIndexOf('steep watch')).trimEnd().concat('\n').split('\n').slice(1),
  );
  const page = await project.steep('watch', '--replay', 'seen.ndjson', '--html', 'page.html');
  expect(page.stdout).toContain('Wrote page.html.');
  expect(await project.read('page.html')).toContain('publisher -&gt; subscriber');

  await edge.subscriber.query('ALTER SUBSCRIPTION items ENABLE');
  const once = await project.steep('watch', '--once');
  expect(once.code, once.stdout + once.stderr).toBe(0);
  expect(once.stdout).toMatch(/items +publisher -> subscriber +ok/);
});

/** The first screen again, the cursor, and lines with echo. */
const expectRestored = (output: string): void => {
  const rest = output.slice(output.lastIndexOf('\u001b[?1049l'));
  expect(rest).toContain('\u001b[?25h');
  expect(rest).toMatch(/[^-]icanon/);
  expect(rest).toMatch(/[^-]echo\b/);
};

/** Throws where nothing catches it, on a signal: what a fault in the program itself does. */
const crash = `process.on('SIGUSR2', () => setImmediate(() => { throw new Error('a fault'); }));`;

test.each([
  ['q', 0],
  ['\u0003', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGUSR2', 1],
] as const)(
  'in a terminal: %j ends it with %i, and the terminal is as it was',
  async (how, code) => {
    const project = await createProject({}, {});
    await project.write('seen.ndjson', watched.map(recordedLine).join(''));
    await project.write('crash.mjs', crash);
    const terminal = inTerminal(project, 'watch --replay seen.ndjson --speed 100', {
      NODE_OPTIONS: '--import ./crash.mjs',
    });
    await terminal.shows('NOT READ');
    terminal.type('2');
    await terminal.shows('primary -> reporting');
    if (how.startsWith('SIG')) terminal.kill(how as NodeJS.Signals);
    else terminal.type(how);
    const output = await terminal.end();
    expect(output).toContain('\u001b[?1049h');
    expect(output).toContain(`code=${code}`);
    expectRestored(output);
  },
);

test('in a terminal: its size changes while it is drawn; no colour and no other characters, where it is so told', async () => {
  const project = await createProject({}, {});
  await project.write('seen.ndjson', watched.map(recordedLine).join(''));
  const terminal = inTerminal(project, 'watch --replay seen.ndjson --speed 100', {
    NO_COLOR: '1',
    LANG: 'C',
  });
  await terminal.shows('NOT READ');
  terminal.type('2');
  await terminal.shows(/^1 Nodes {2}2 EDGES {2}3 Tables/m);
  terminal.resize(60, 15);
  await terminal.shows(/^1 {2}2 EDGES {2}3 {2}4 {2}5 {2}6/m);
  terminal.resize(300, 80);
  await terminal.shows(/^1 Nodes {2}2 EDGES {2}3 Tables/m);
  await terminal.shows(/conflicts\/min +conflicts/);
  terminal.type('q');
  const output = await terminal.end();
  expect(output).toContain('code=0');
  expect(output).not.toMatch(new RegExp(`${'\u001b'}\\[[\\d;]*m`));
  expect(output.replaceAll('\u001b', '')).toMatch(/^[\t\n\r -~]*$/);
});
