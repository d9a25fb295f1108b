// What one look at an edge leaves open, and what several of them tell.

import { expect, test } from 'vitest';
import type { EdgeFacts } from '../../../../src/model/edge/edge-facts.ts';
import { isCleared, isDoubtful, settle } from '../../../../src/model/edge/two-looks.ts';
import { wellEdge } from '../../../support/plans/edges.ts';

const edge = (change: Partial<EdgeFacts>): EdgeFacts => ({ ...wellEdge, ...change });

const down = edge({ workerRunning: false, slotActive: false });
const failed = edge({ applyErrors: 3 });
const behind = edge({ currentLsn: '0/3000', lagBytes: 4096 });
const unread = edge({ slotActive: false });
const idleCopy = edge({ tablesWaiting: [{ table: 'public.a', state: 'd' }], syncWorkers: 0 });
const young = edge({ applyErrors: null, syncErrors: null, workerAgeSeconds: 1 });

test.each([
  ['in full health', wellEdge, false],
  ['no worker', down, true],
  ['errors were counted', failed, true],
  ['errors of a copy were counted', edge({ syncErrors: 1 }), true],
  ['disabled', edge({ enabled: false, workerRunning: false, applyErrors: 2 }), false],
  ['not read', edge({ exists: null, enabled: null, workerRunning: null }), false],
  ['behind', behind, true],
  ['nobody reads the slot', unread, true],
  ['nobody copies', idleCopy, true],
  ['just started, where errors are not counted', young, true],
  ['just started, where errors are counted', { ...young, applyErrors: 0 }, false],
])('%s: doubtful', (_what, facts, doubtful) => {
  expect(isDoubtful(facts)).toBe(doubtful);
});

test('a failure is not cleared before PostgreSQL has tried again; a position that moves is', () => {
  expect(isCleared([down, wellEdge])).toBe(false);
  expect(isCleared([failed, failed])).toBe(false);
  expect(isCleared([behind, behind])).toBe(false);
  expect(isCleared([behind, edge({ confirmedFlushLsn: '0/2001', lagBytes: 4095 })])).toBe(true);
  expect(isCleared([unread, wellEdge])).toBe(true);
});

test('a copy is under way where a worker was seen twice in a row', () => {
  const busyCopy = { ...idleCopy, syncWorkers: 1 };
  expect(isCleared([idleCopy, busyCopy])).toBe(false);
  expect(isCleared([idleCopy, busyCopy, busyCopy])).toBe(true);
  expect(isDoubtful(busyCopy)).toBe(false);
  expect(isDoubtful({ ...busyCopy, syncErrors: null })).toBe(true);
  expect(settle([idleCopy, busyCopy, idleCopy]).copyIdle).toBe(true);
  expect(settle([idleCopy, busyCopy, busyCopy]).copyIdle).toBe(false);
});

test('what was written after the first look need not be confirmed yet', () => {
  const later = edge({ currentLsn: '0/9000', lagBytes: 28_672 });
  const atEnd = edge({ lagBytes: 1 });
  expect(settle([atEnd, later]).stalled).toBe(false);
  expect(settle([behind, later]).stalled).toBe(true);
});

test('a worker is down that was not there twice, and not in the end', () => {
  expect(settle([down, down]).workerRunning).toBe(false);
  expect(settle([wellEdge, down]).workerRunning).toBe(true);
  expect(settle([down, down, wellEdge]).workerRunning).toBe(true);
  expect(settle([down, wellEdge, down]).workerRunning).toBe(false);
  expect(settle([young, down, down]).workerRunning).toBe(false);
  expect(settle([down]).workerRunning).toBe(false);
});

test('a worker that was another one each time is down, however often one was seen', () => {
  const aged = (workerAgeSeconds: number) => edge({ workerAgeSeconds });
  expect(settle([aged(0.4), aged(0.2), aged(0.1)]).workerRunning).toBe(false);
  expect(settle([aged(9), aged(0.2), aged(0.7)]).workerRunning).toBe(true);
  expect(settle([aged(9), aged(0.2), down, aged(0.1)]).workerRunning).toBe(false);
});

test('errors count while they rise', () => {
  expect(settle([failed, failed]).errorsMoving).toBe(false);
  expect(settle([failed, edge({ applyErrors: 4 })]).errorsMoving).toBe(true);
});

test('what every look has seen', () => {
  expect(settle([unread, unread])).toMatchObject({ readsElsewhere: true, copyIdle: false });
  expect(settle([unread, wellEdge, unread]).readsElsewhere).toBe(false);
  expect(settle([idleCopy, idleCopy]).copyIdle).toBe(true);
});
