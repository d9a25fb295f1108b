// What steep watch sends to servers: one batch for each node and second at most, whoever notifies how often.

import { expect, test } from 'vitest';
import type { WatchEvent } from '../../src/model/watch/watch-event.ts';
import { watch } from '../../src/workflows/watch/watch.ts';
import { waitFor } from '../support/servers/wait.ts';
import { createEdge } from '../support/worlds/edge.ts';

interface Sent {
  readonly node: string;
  readonly text: string;
  readonly at: number;
}

/** The statement that every look at a node begins with. */
const isFirst = ({ text }: Sent): boolean => text.includes('"walKeepBytes"');

/** What was sent to a node by each of its looks. */
const looksOf = (sent: readonly Sent[], node: string): readonly (readonly Sent[])[] => {
  const looks: Sent[][] = [];
  for (const each of sent.filter((one) => one.node === node)) {
    if (isFirst(each)) looks.push([]);
    looks.at(-1)?.push(each);
  }
  return looks;
};

test('each node is asked by one batch a second, also while it is flooded by notifications', async () => {
  const { project, publisher, subscriber } = await createEdge();
  const applied = await project.steep('apply', '--auto-approve');
  expect(applied.code, applied.stderr).toBe(0);
  const [begunAt] = await subscriber.query<{ readonly since: string }>(
    'SELECT clock_timestamp()::text AS since',
  );
  const stop = new AbortController();
  const sent: Sent[] = [];
  const events: WatchEvent[] = [];
  const watching = watch(
    {
      file: project.path('steep.yaml'),
      onEvent: (event) => events.push(event),
      signal: stop.signal,
      notesSeen: true,
    },
    {
      steepVersion: '0.1.0',
      environment: project.environment,
      user: 'test',
      hostname: 'localhost',
      now: () => new Date(),
      clock: () => performance.now(),
      onStatement: (node, text) => sent.push({ node, text, at: performance.now() }),
    },
  );
  const looks = (node: string) => looksOf(sent, node);
  await waitFor('the first looks', async () =>
    ['publisher', 'subscriber'].every((node) => looks(node).length > 1),
  );
  const begun = sent.findIndex(({ text }) => text.startsWith('LISTEN'));
  expect(begun).toBeLessThan(sent.findIndex(isFirst));
  await waitFor('a flood to be left alone', async () => {
    for (const each of [publisher, subscriber]) {
      await each.query(
        `SELECT pg_notify('steep_repl_progress', n::text) FROM generate_series(1, 2000) AS n`,
      );
    }
    return ['publisher', 'subscriber'].every((node) =>
      sent.some((one) => one.node === node && one.text.startsWith('UNLISTEN')),
    );
  });
  await subscriber.query('ALTER SUBSCRIPTION items DISABLE');
  await waitFor('the change', async () =>
    events.some((event) => event.event === 'watch.edge' && event.facts.enabled === false),
  );
  for (const each of [publisher, subscriber]) {
    await waitFor('the node to be seen again', async () => {
      const rows = await each.query(
        `SELECT FROM steep_repl.nodes WHERE last_seen > '${begunAt?.since ?? ''}'`,
      );
      return rows.length === 1;
    });
  }
  stop.abort();
  await watching;
  for (const node of ['publisher', 'subscriber']) {
    const all = looks(node);
    const begins = all.map(([first]) => first?.at ?? 0);
    const pauses = begins.slice(1).map((at, index) => at - (begins[index] ?? 0));
    // Timers of Node may end a little early.
    expect(Math.min(...pauses), node).toBeGreaterThan(990);
    // The last one may be cut short. Nothing is asked twice by one look.
    for (const look of all.slice(2, -1)) {
      const texts = look.map(({ text }) => text);
      expect(texts.length, texts.join('\n')).toBe(new Set(texts).size);
    }
  }
});
