// Progress without a terminal, with a clock that the test moves; and on a terminal, as it ends.

import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress } from '../../../../src/cli/progress/progress.ts';
import { tableLine } from '../../../../src/cli/progress/progress-text.ts';
import type { Clock } from '../../../../src/cli/progress/progress-view.ts';
import { plainStyle } from '../../../../src/cli/render/style.ts';
import { event } from '../../../support/events.ts';

class Screen extends Writable {
  text = '';
  readonly columns = 120;
  readonly rows = 40;
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const clock: Clock = {
  now: () => new Date(),
  every: (milliseconds, call) => {
    const timer = setInterval(call, milliseconds);
    return () => clearInterval(timer);
  },
};

const watch = (isTTY: boolean, env: Readonly<Record<string, string>> = {}) => {
  const screen = new Screen(isTTY);
  const stream = screen as unknown as NodeJS.WriteStream;
  return { screen, progress: createProgress({ stream, env, clock, style: plainStyle }) };
};

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-01-31T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

test('plain: a line at start, every ten seconds, and at end', async () => {
  const { screen, progress } = watch(false);
  progress.handle(event('run.started'));
  progress.handle(event('init.state_change'));
  progress.handle(event('run.step_started'));
  progress.handle(event('run.lock_wait'));
  progress.handle(event('run.step_progress'));
  vi.advanceTimersByTime(9999);
  expect(screen.text).not.toContain('...');
  vi.advanceTimersByTime(10_001);
  progress.handle(event('run.step_done'));
  progress.handle(event('run.step_skipped', { step: 'create-slot primary/slot.sales' }));
  progress.handle(event('run.step_failed', { step: 'drop-slot primary/slot.old' }));
  progress.handle(event('run.converging'));
  vi.advanceTimersByTime(10_000);
  progress.handle(event('run.converged'));
  progress.handle(event('run.finished'));
  vi.advanceTimersByTime(60_000);
  await progress.close();
  expect(screen.text).toMatchInlineSnapshot(`
    "2026-01-31T12:00:00Z state reporting/subscription.sales: preparing -> copying
    2026-01-31T12:00:00Z start wait-for-copy reporting/subscription.sales (2 tables are not ready yet)
    2026-01-31T12:00:00Z wait  wait-for-copy reporting/subscription.sales waits for a lock (attempt 2 of 10), held by pid 4711 psql, idle in transaction, for 3m20s
    2026-01-31T12:00:10Z ...   wait-for-copy reporting/subscription.sales: 1 of 3 tables is ready
    2026-01-31T12:00:10Z ...     public.orders 31% 12.8/41.2 GB 84 MB/s ETA 5m40s
    2026-01-31T12:00:20Z ...   wait-for-copy reporting/subscription.sales: 1 of 3 tables is ready
    2026-01-31T12:00:20Z ...     public.orders 31% 12.8/41.2 GB 84 MB/s ETA 5m40s
    2026-01-31T12:00:20Z done  wait-for-copy reporting/subscription.sales (0.1 s)
    2026-01-31T12:00:20Z =     create-slot primary/slot.sales: already done (the table is ready)
    2026-01-31T12:00:20Z FAIL  drop-slot primary/slot.old: duplicate key in public.orders (COPY_FAILED)
    2026-01-31T12:00:20Z start convergence: 1 of 2 edges is below 16.0 MB; sales lags by 1.2 GB
    2026-01-31T12:00:30Z ...   convergence: 1 of 2 edges is below 16.0 MB; sales lags by 1.2 GB
    2026-01-31T12:00:30Z done  convergence (3.2 s)
    "
  `);
});

test('plain: nothing is written after it is closed', async () => {
  const { screen, progress } = watch(false);
  progress.handle(event('run.step_started'));
  await progress.close();
  const before = screen.text;
  vi.advanceTimersByTime(60_000);
  expect(screen.text).toBe(before);
});

test.each([{ CI: 'true' }, { TERM: 'dumb' }])('plain on a terminal with %j', async (env) => {
  const { screen, progress } = watch(true, env);
  progress.handle(event('run.step_started'));
  await progress.close();
  expect(screen.text).toMatch(/^2026-01-31T12:00:00Z start wait-for-copy/);
});

test('on a terminal: one line a step, a line for each table that is copied', async () => {
  vi.useRealTimers();
  const { screen, progress } = watch(true);
  progress.handle(event('run.started'));
  progress.handle(event('run.step_started'));
  progress.handle(event('run.step_progress'));
  await vi.waitFor(() =>
    expect(stripVTControlCharacters(screen.text)).toContain(
      'public.orders 31% 12.8/41.2 GB 84 MB/s ETA 5m40s',
    ),
  );
  progress.handle(event('run.step_done'));
  progress.handle(event('run.step_skipped', { step: 'create-slot primary/slot.sales' }));
  progress.handle(event('run.step_failed', { step: 'drop-slot primary/slot.old' }));
  progress.handle(event('run.finished'));
  await progress.close();
  const text = stripVTControlCharacters(screen.text);
  const last = text.slice(text.lastIndexOf('wait-for-copy'));
  expect(last).not.toContain('public.orders 31%');
  expect(last).toContain('wait-for-copy reporting/subscription.sales 0.1 s\n');
  expect(last).toContain('= create-slot primary/slot.sales already done\n');
  expect(last).toContain('drop-slot primary/slot.old FAILED\n');
  expect(last).toContain('duplicate key in public.orders (COPY_FAILED)\n');
});

test('a table of which little is known', () => {
  const table = {
    table: 'public.t',
    syncState: 'd',
    bytesDone: 2_097_152,
    rowsDone: 12_000,
    bytesTotal: null,
    percent: null,
    rowsPerSecond: null,
    bytesPerSecond: 1.5 * 1024 ** 2,
    etaSeconds: null,
  };
  expect(tableLine(table)).toBe('public.t 2.0 MB, 12.0 k rows 1.5 MB/s');
  expect(tableLine({ ...table, bytesTotal: 2_000_000 })).toBe(
    'public.t 100% 2.0/1.9 MB 1.5 MB/s ETA unknown',
  );
  expect(tableLine({ ...table, bytesDone: 10, bytesTotal: 900, bytesPerSecond: null })).toBe(
    'public.t 1% 10/900 bytes ETA unknown',
  );
});
