// A run without servers: time that only advances when something sleeps, and the events as they came.

import { makeSeenTables } from '../../src/copy/check/seen-tables.ts';
import type { RunContext } from '../../src/executors/executor.ts';
import type { RunEventBody } from '../../src/model/event.ts';

export interface FakeRun {
  readonly context: RunContext;
  readonly events: readonly RunEventBody[];
  /** Milliseconds of every sleep. */
  readonly sleeps: readonly number[];
  readonly interrupt: () => void;
}

const noServer = (): never => {
  throw new Error('this run has no servers');
};

export const fakeRun = (limits: Partial<RunContext['limits']> = {}): FakeRun => {
  const events: RunEventBody[] = [];
  const sleeps: number[] = [];
  const controller = new AbortController();
  let now = 0;
  const context: RunContext = {
    runId: 'run-1',
    steepVersion: '0.1.0',
    signal: controller.signal,
    limits: {
      lockTimeoutMs: 1e3,
      lockRetries: 3,
      slotTimeoutMs: 1e3,
      waitTimeoutMs: 1e3,
      pollMs: 10,
      ...limits,
    },
    session: noServer,
    metadata: noServer,
    connectionHash: noServer,
    lockMetadata: () => Promise.reject(new Error('this run has no servers')),
    unlockMetadata: () => Promise.reject(new Error('this run has no servers')),
    observer: () => Promise.reject(new Error('this run has no servers')),
    openSession: () => Promise.reject(new Error('this run has no servers')),
    openWalsender: () => Promise.reject(new Error('this run has no servers')),
    openDump: () => Promise.reject(new Error('this run has no servers')),
    snapshots: new Map(),
    loads: new Map(),
    openSnapshot: () => Promise.reject(new Error('this run has no files')),
    readDecisions: () => {
      throw new Error('this run has no files');
    },
    openMetadata: () => Promise.reject(new Error('this run has no servers')),
    seen: makeSeenTables(),
    guard: () => Promise.reject(new Error('this run has no servers')),
    emit: (event) => void events.push(event),
    progress: () => undefined,
    clock: () => now,
    sleep: (ms) => {
      sleeps.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  return { context, events, sleeps, interrupt: () => controller.abort() };
};
