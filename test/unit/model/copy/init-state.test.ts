// The picture of the states: what the page draws is what the model has, and every copy finds a way to begin.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  canTransition,
  initialTransitions,
  initStates,
  initTransitions,
  worstFirst,
} from '../../../../src/model/copy/init-state.ts';

const page = readFileSync(new URL('../../../../docs/initialization.md', import.meta.url), 'utf8');

test('the table of docs/initialization.md is that of the model', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]* \| ((?:`\w+`(?:, )?)+) \|$/gm)];
  const written = rows.map(([, state, next = '']) => [state, next.replaceAll('`', '').split(', ')]);
  expect(Object.fromEntries(written)).toEqual(initTransitions);
});

test('the page says in which order a node is as far as its subscriptions', () => {
  expect(page.replaceAll('\n  ', ' ')).toContain(worstFirst.join(', '));
  expect([...worstFirst].sort()).toEqual([...initStates].sort());
});

describe.each([null, ...initStates])('a copy that begins from %s', (from) => {
  test.each(['preparing', 'copying'] as const)('gets to %s on ways that there are', (to) => {
    const way = initialTransitions(from, to);
    const isAgain = ['failed', 'diverged', 'synchronized', 'reinitializing'].includes(from ?? '');
    expect(way.at(-1) ?? from).toBe(isAgain && to === 'preparing' ? 'reinitializing' : to);
    expect(way).not.toContain('failed');
    for (const [index, next] of way.entries()) {
      const before = index === 0 ? from : way[index - 1];
      if (before === null) expect(next).toBe('uninitialized');
      else expect(canTransition(before ?? 'uninitialized', next)).toBe(true);
    }
  });
});
