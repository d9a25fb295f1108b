// Changes from the screen of steep watch: which one a key asks for, the plan on the screen, and the consent.

import { expect, test } from 'vitest';
import { styledLines, wrapLine } from '../../../../src/cli/watch/actions/styled-lines.ts';
import type { ActionStage } from '../../../../src/cli/watch/actions/watch-actions.ts';
import { lineText } from '../../../../src/cli/watch/screen-line.ts';
import { SteepError } from '../../../../src/model/errors.ts';
import type { Hazard } from '../../../../src/model/plan/hazard.ts';
import type { WatchAction } from '../../../../src/model/watch/watch-action.ts';
import { drawWatch } from '../../../support/drawn-watch.ts';
import { watched } from '../../../support/plans/watched.ts';

const within = { timeout: 10_000 };
const address = 'reporting/copy.sales:public.orders';
const danger = { code: 'COPY_TRUNCATE', severity: 'danger', address } as unknown as Hazard;
const plan = Array.from({ length: 60 }, (_, index) => `line ${index + 1} of the plan`).join('\n');

type Performed = WatchAction & { readonly approved: boolean };

const startWatch = (forbidden: string | null = null, rows = 20) => {
  const performed: Performed[] = [];
  const perform = async (action: WatchAction, stage: ActionStage): Promise<string> => {
    stage.say(plan);
    const { approved } = await stage.approve(action.kind === 'reinitialize' ? [danger] : []);
    performed.push({ ...action, approved });
    if (action.kind === 'cancel') {
      throw new SteepError('LOCKED', 'Another run is at work.', { suggestions: ['Wait for it.'] });
    }
    return approved ? 'Applied.' : 'Declined: nothing was changed.';
  };
  const watch = drawWatch({ columns: 80, rows, actions: { forbidden, perform } });
  for (const event of watched) watch.feed.take(event);
  watch.feed.flush();
  const shows = (text: string) => expect.poll(watch.text, within).toContain(text);
  return { ...watch, performed, shows };
};

test('a danger wants its address, then yes; only then the marked tables are re-initialized', async () => {
  const { type, shows, performed } = startWatch();
  type('2\r');
  await shows('public.orders');
  type('R');
  await shows('Mark the tables first');
  type('\u001b');
  await shows('> public.orders');
  type('  ');
  await shows(' *public.refunds');
  type('R');
  await shows('COPY_TRUNCATE: type the address');
  type('yes\r');
  await shows('Declined: nothing was changed.');
  expect(performed).toMatchObject([
    { approved: false, tables: ['public.orders', 'public.refunds'] },
  ]);
  type('\u001b');
  await shows('> public.customers');
  type('R');
  await shows('COPY_TRUNCATE: type the address');
  type(`${address}\r`);
  await shows('Only "yes" is accepted: _');
  type('yep\r');
  await shows('Declined: nothing was changed.');
  type('\u001b');
  await shows('> public.customers');
  type('R');
  await shows('COPY_TRUNCATE: type the address');
  // What is typed before a question is not its answer.
  type(`${address}\ryes\r`);
  await shows('Only "yes" is accepted: _');
  type('yep\u007fs\r');
  await shows('Applied.');
  expect(performed.at(-1)).toMatchObject({ kind: 'reinitialize', approved: true });
});

test('the plan is scrolled, also on a small screen, and Esc leaves without consent', async () => {
  const { type, shows, performed, text, quits } = startWatch(null, 15);
  type('2P');
  await shows('Only "yes" is accepted: _');
  expect(text()).toContain('line 1 of the plan');
  type('\u001b[6~');
  await shows('line 15 of the plan');
  type('\u001b[F');
  await shows('line 60 of the plan');
  type('q');
  await shows('Only "yes" is accepted: q_');
  expect(quits).toEqual([]);
  type('\u001b');
  await shows('> sales');
  await expect.poll(() => performed).toMatchObject([{ kind: 'disable', approved: false }]);
});

test('a failure says why and what to do; an edge must be chosen; --read-only changes nothing', async () => {
  const { type, shows } = startWatch();
  type('C');
  await shows('Choose an edge first');
  type('\u001b');
  await shows('> primary');
  type('2C');
  await shows('Only "yes" is accepted: _');
  type('yes\r');
  await shows('Another run is at work.');
  await shows('Wait for it.');

  const forbidden = startWatch('steep watch was started with --read-only.');
  for (const key of ['C', 'P', 'R', 'V']) {
    forbidden.type(`2${key}`);
    await forbidden.shows('--read-only');
    forbidden.type('\u001b');
    await forbidden.shows('> sales');
  }
  expect(forbidden.performed).toEqual([]);
});

test('a failure has no control and no line of its own', async () => {
  const perform = async (): Promise<string> => {
    throw new SteepError('X', 'no\u001b[2J\nApplied.', { suggestions: ['do\u202e\nApplied.'] });
  };
  const watch = drawWatch({ columns: 100, rows: 20, actions: { forbidden: null, perform } });
  for (const event of watched) watch.feed.take(event);
  watch.feed.flush();
  watch.type('2P');
  await expect.poll(watch.text, within).toContain('no\\x1b[2J');
  const reports = (await watch.actions.finish()).join('\n');
  expect(reports).toContain('do\\u202e');
  expect(reports).not.toMatch(/^Applied/m);
  expect(reports).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
});

test('a change that runs is left and shown again; it is waited for, and stopped', async () => {
  const { promise: stopped, resolve } = Promise.withResolvers<string>();
  const perform = async (_action: WatchAction, stage: ActionStage): Promise<string> => {
    await stage.approve([]);
    stage.signal.addEventListener('abort', () => resolve('Interrupted.'));
    return stopped;
  };
  const watch = drawWatch({ columns: 100, rows: 20, actions: { forbidden: null, perform } });
  for (const event of watched) watch.feed.take(event);
  watch.feed.flush();
  const shows = (text: string) => expect.poll(watch.text, within).toContain(text);
  watch.type('2P');
  await shows('Only "yes" is accepted: _');
  watch.type('yes\r');
  await shows('is running');
  watch.type('\u001b');
  await shows('running: Disable reporting/sales');
  watch.type('q');
  await shows('Disable reporting/sales  is running');
  expect(watch.quits).toEqual([]);
  watch.actions.interrupt();
  expect(await watch.actions.finish()).toEqual(['Disable reporting/sales\nInterrupted.']);
});

test('text of renderers keeps its roles, and is wrapped between words', () => {
  const [first] = styledLines(
    '  \u001b[31mDANGER\u001b[39m all \u001b[1mrows\u001b[22m are removed',
  );
  expect(first?.map(({ role }) => role)).toEqual(['plain', 'bad', 'plain', 'bold', 'plain']);
  const lines = wrapLine(first ?? [], 16);
  expect(lines.map(lineText)).toEqual(['  DANGER all', '    rows are', '    removed']);
  expect(wrapLine(styledLines('x'.repeat(40))[0] ?? [], 20).map(lineText)).toHaveLength(3);
});
