// Events as lines: what schemas/events.schema.json describes, on stdout and in a log file.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleSteps } from '../../../scripts/docs/sample-steps.ts';
import { createEventStream, openLogFile } from '../../../src/cli/event-log.ts';
import { toSnakeKeys } from '../../../src/model/key-case.ts';
import { allEvents, event } from '../../support/events.ts';

/** Events as they are written. */
const written = allEvents.map((it) => toSnakeKeys(it) as typeof it);

const schema = JSON.parse(
  readFileSync(new URL('../../../schemas/events.schema.json', import.meta.url), 'utf8'),
);
const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);
const validate = ajv.compile(schema);

describe('the schema of events', () => {
  test.each(written)('describes $event', (given) => {
    expect(validate(given), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each(written)('forbids anything else in $event', (given) => {
    expect(validate({ ...given, more: 1 })).toBe(false);
  });

  test.each(written)('asks for every part of $event', (given) => {
    for (const key of Object.keys(given)) {
      const rest = Object.fromEntries(Object.entries(given).filter(([name]) => name !== key));
      if (key !== 'tables') expect(validate(rest), key).toBe(false);
    }
  });

  test('has a branch for every event, and no other', () => {
    const branches = schema.oneOf.map(({ $ref }: { $ref: string }) =>
      $ref.slice('#/$defs/'.length),
    );
    const ofSessions = ['session.statement', 'session.silent'];
    expect(branches).toEqual([...allEvents.map((it) => it.event), ...ofSessions]);
  });
});

test('the schema of events knows every kind of step', () => {
  expect(new Set(schema.$defs.step_kind.enum)).toEqual(new Set(Object.keys(sampleSteps)));
});

test('--json prints one event a line', () => {
  let text = '';
  const write = createEventStream((line) => {
    text += line;
  });
  for (const given of allEvents) write(given);
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(written);
});

describe('a log file', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'steep-log-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test('in JSON holds exactly the events, each on disk at once', () => {
    const path = join(directory, 'run.log');
    const log = openLogFile(path, 'json');
    for (const [index, given] of allEvents.entries()) {
      log.write(given);
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      expect(lines).toHaveLength(index + 1);
      expect(JSON.parse(lines[index] ?? '')).toEqual(toSnakeKeys(given));
    }
    log.close();
  });

  test('in text has one readable line for each event', () => {
    const path = join(directory, 'run.log');
    const log = openLogFile(path, 'text');
    for (const given of allEvents) log.write(given);
    log.write(event('run.step_failed', { message: 'two\nlines\u001b[2J' }));
    log.close();
    expect(readFileSync(path, 'utf8')).toMatchInlineSnapshot(`
      "2026-01-31T12:00:00.000Z info  run.started run-1: sha256:0000000000000000000000000000000000000000000000000000000000000000, 3 steps
      2026-01-31T12:00:00.000Z info  run.step_started wait-for-copy reporting/subscription.sales: 2 tables are not ready yet
      2026-01-31T12:00:00.000Z info  run.step_progress wait-for-copy reporting/subscription.sales: 1 of 3 tables is ready
      2026-01-31T12:00:00.000Z info  run.step_done wait-for-copy reporting/subscription.sales: 120 ms
      2026-01-31T12:00:00.000Z info  run.step_skipped wait-for-copy reporting/subscription.sales: the table is ready
      2026-01-31T12:00:00.000Z info  run.step_failed wait-for-copy reporting/subscription.sales: COPY_FAILED duplicate key in public.orders
      2026-01-31T12:00:00.000Z info  run.lock_wait wait-for-copy reporting/subscription.sales: waits for a lock (attempt 2 of 10), held by pid 4711 psql, idle in transaction, for 3m20s
      2026-01-31T12:00:00.000Z info  run.converging 1 of 2 edges is below 16.0 MB; sales lags by 1.2 GB
      2026-01-31T12:00:00.000Z info  run.converged 3200 ms
      2026-01-31T12:00:00.000Z info  run.finished converged, exit 0, 3 done, 0 not done
      2026-01-31T12:00:00.000Z info  init.started reporting/subscription.sales: parallel
      2026-01-31T12:00:00.000Z info  init.completed reporting/subscription.sales: 10m40s
      2026-01-31T12:00:00.000Z info  init.failed reporting/subscription.sales: The disk is full.
      2026-01-31T12:00:00.000Z info  init.cancelled reporting/subscription.sales
      2026-01-31T12:00:00.000Z info  init.phase_started reporting/subscription.sales: indexing
      2026-01-31T12:00:00.000Z info  init.phase_completed reporting/subscription.sales: copying, 8m00s
      2026-01-31T12:00:00.000Z info  init.table_started reporting/subscription.sales: public.orders
      2026-01-31T12:00:00.000Z info  init.table_complete reporting/subscription.sales: public.orders, 43 % of all tables
      2026-01-31T12:00:00.000Z info  init.table_failed reporting/subscription.sales: public.orders: The disk is full.
      2026-01-31T12:00:00.000Z info  init.progress reporting/subscription.sales: copying, 31 % of all tables
      2026-01-31T12:00:00.000Z info  init.state_change reporting/subscription.sales: preparing -> copying
      2026-01-31T12:00:00.000Z info  schema.mismatch_detected reporting/subscription.sales: blocked: On node reporting: table public.orders does not exist.
      2026-01-31T12:00:00.000Z info  schema.sync_applied reporting: table public.orders, 2 statements
      2026-01-31T12:00:00.000Z info  operation.started schema capture
      2026-01-31T12:00:00.000Z info  operation.completed schema capture: 1.2 s
      2026-01-31T12:00:00.000Z info  operation.failed init prepare: RUN_LOCKED Another run holds the lock of node primary: a run that just ended.
      2026-01-31T12:00:00.000Z info  snapshot.started generate 20261204_143000_k3x9 primary /backup/sales: 12 tables at 0/3000000, resumed
      2026-01-31T12:00:00.000Z info  snapshot.verifying apply 20261204_143000_k3x9 primary /backup/sales: 12.8/41.2 GB
      2026-01-31T12:00:00.000Z info  snapshot.progress generate 20261204_143000_k3x9 primary /backup/sales: copying, 31 % of all tables
      2026-01-31T12:00:00.000Z info  snapshot.table_started generate 20261204_143000_k3x9 primary /backup/sales: public.orders
      2026-01-31T12:00:00.000Z info  snapshot.table_complete generate 20261204_143000_k3x9 primary /backup/sales: public.orders, 5000000 rows, 8m22s
      2026-01-31T12:00:00.000Z info  snapshot.table_failed generate 20261204_143000_k3x9 primary /backup/sales: public.orders: The disk is full.
      2026-01-31T12:00:00.000Z info  snapshot.completed generate 20261204_143000_k3x9 primary /backup/sales: 5000000 rows, 41.2 GB, 10m40s
      2026-01-31T12:00:00.000Z info  snapshot.unchanged generate 20261204_143000_k3x9 primary /backup/sales: it already existed
      2026-01-31T12:00:00.000Z info  snapshot.failed generate primary: STORAGE_FULL The disk is full.
      2026-01-31T12:00:00.000Z info  snapshot.deleted delete 20261204_143000_k3x9 primary /backup/sales: 14 files, slot steep_snapshot_20261204_143000_k3x9
      2026-01-31T12:00:00.000Z info  run.step_failed wait-for-copy reporting/subscription.sales: COPY_FAILED two\\nlines\\x1b[2J
      "
    `);
  });

  test('that cannot be written is an error with a code', () => {
    expect(() => openLogFile(join(directory, 'none', 'run.log'), 'json')).toThrow(
      expect.objectContaining({ code: 'FILE_UNWRITABLE' }),
    );
  });

  test('continues after what is there, and only its owner reads it', () => {
    const path = join(directory, 'run.log');
    for (let run = 0; run < 2; run += 1) {
      const log = openLogFile(path, 'text');
      log.write(event('run.started'));
      log.close();
    }
    expect(readFileSync(path, 'utf8').match(/run\.started/g)).toHaveLength(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('a file that others could read is its owner’s alone from then on', () => {
    const path = join(directory, 'open.log');
    writeFileSync(path, '');
    chmodSync(path, 0o644);
    openLogFile(path, 'text').close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is never written through a link', () => {
    const target = join(directory, 'precious');
    writeFileSync(target, 'precious');
    symlinkSync(target, join(directory, 'link.log'));
    expect(() => openLogFile(join(directory, 'link.log'), 'text')).toThrow(
      expect.objectContaining({
        code: 'FILE_UNWRITABLE',
        message: expect.stringContaining('link'),
      }),
    );
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  test('is no pipe, with or without a reader: it would be waited for, and be read by others', () => {
    const pipe = join(directory, 'pipe.log');
    execFileSync('mkfifo', [pipe]);
    const refused = expect.objectContaining({
      code: 'FILE_UNWRITABLE',
      message: expect.stringContaining('not an ordinary file'),
    });
    expect(() => openLogFile(pipe, 'text')).toThrow(refused);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    expect(() => openLogFile(pipe, 'json')).toThrow(refused);
    closeSync(reader);
  });
});

test.each(['json', 'text'] as const)('a log file in %s has the statements sent', (format) => {
  const directory = mkdtempSync(join(tmpdir(), 'steep-log-'));
  const path = join(directory, 'log');
  const log = openLogFile(path, format);
  const sent = {
    event: 'session.statement',
    timestamp: '2026-01-31T12:00:00.000Z',
    level: 'debug',
    node: 'primary',
    statement: 'SELECT 1',
  } as const;
  log.write(sent);
  log.close();
  const line = readFileSync(path, 'utf8').trimEnd();
  rmSync(directory, { recursive: true });
  if (format === 'text') {
    expect(line).toBe('2026-01-31T12:00:00.000Z debug session.statement primary: SELECT 1');
    return;
  }
  expect(JSON.parse(line)).toEqual(sent);
  expect(validate(JSON.parse(line))).toBe(true);
});

test.each(['json', 'text'] as const)(
  'a log file in %s has servers that do not answer',
  (format) => {
    const directory = mkdtempSync(join(tmpdir(), 'steep-log-'));
    const path = join(directory, 'log');
    const log = openLogFile(path, format);
    const said = {
      event: 'session.silent',
      timestamp: '2026-01-31T12:00:00.000Z',
      level: 'warn',
      node: 'primary',
      message: 'Node primary answers again.',
    } as const;
    log.write(said);
    log.close();
    const line = readFileSync(path, 'utf8').trimEnd();
    rmSync(directory, { recursive: true });
    if (format === 'text') {
      expect(line).toBe(
        '2026-01-31T12:00:00.000Z warn  session.silent primary: Node primary answers again.',
      );
      return;
    }
    expect(JSON.parse(line)).toEqual(said);
    expect(validate(JSON.parse(line))).toBe(true);
  },
);
