// The table of exit codes, walked: each one really happens, with --json too, and then stdout holds JSON and
// nothing else, as the schemas describe it.

import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import type { CliResult } from '../support/cli.ts';
import { faultsOf } from '../support/documents.ts';
import { runCommandsAlone } from '../support/hosted-cli.ts';
import { jsonLines } from '../support/report.ts';
import { holdTransaction } from '../support/servers/transaction.ts';
import { createEdge, type Edge, edgeSteps } from '../support/worlds/edge.ts';

runCommandsAlone();

interface Way {
  readonly code: number;
  readonly what: string;
  /** Runs a command that ends so; `flags` hold --json, or not. */
  readonly run: (edge: Edge, flags: readonly string[]) => Promise<CliResult>;
}

const applied = ['apply', '--auto-approve'] as const;

/** The lock of every run, see src/run/run-lock.ts: the bytes of `steeprun`. */
const runLock = `SELECT pg_advisory_lock(('x' || encode('steeprun', 'hex'))::bit(64)::bigint)`;

/** Interrupts an apply while its initial copy waits for a lock. */
const interruptedBy =
  (signal: NodeJS.Signals): Way['run'] =>
  async ({ project, subscriber }, flags) => {
    await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
    const run = project.start(...applied, ...flags);
    await run.said(`start ${edgeSteps.copyTables}`);
    run.kill(signal);
    return run.result;
  };

const ways: readonly Way[] = [
  { code: 0, what: 'plan', run: ({ project }, flags) => project.steep('plan', ...flags) },
  { code: 0, what: 'apply', run: ({ project }, flags) => project.steep(...applied, ...flags) },
  {
    code: 1,
    what: 'status of what does not exist',
    run: ({ project }, flags) => project.steep('status', ...flags),
  },
  {
    code: 2,
    what: 'plan --detailed-exitcode',
    run: ({ project }, flags) => project.steep('plan', '--detailed-exitcode', ...flags),
  },
  {
    code: 3,
    what: 'apply of a danger',
    run: async ({ project, subscriber }, flags) => {
      await subscriber.query('INSERT INTO items VALUES (-1)');
      return project.steep(...applied, ...flags);
    },
  },
  {
    code: 3,
    what: 'plan --strict of a warning',
    run: ({ project }, flags) => project.steep('plan', '--strict', ...flags),
  },
  {
    code: 4,
    what: 'apply --expect-plan-id of another plan',
    run: ({ project }, flags) =>
      project.steep('apply', '--expect-plan-id', `sha256:${'0'.repeat(64)}`, ...flags),
  },
  {
    code: 5,
    what: 'apply while another holds the lock',
    run: async ({ project, publisher }, flags) => {
      await holdTransaction(publisher, runLock);
      return project.steep(...applied, ...flags);
    },
  },
  {
    code: 6,
    what: 'apply that a lock stops half way',
    run: async ({ project, publisher }, flags) => {
      await holdTransaction(publisher, 'LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE');
      return project.steep(...applied, '--lock-timeout', '100ms', '--lock-retries', '0', ...flags);
    },
  },
  {
    code: 7,
    what: 'plan without a node',
    run: ({ project }, flags) =>
      project
        .with({ publisher: 'postgresql://postgres@127.0.0.1:1/nowhere' })
        .steep('plan', ...flags),
  },
  {
    code: 8,
    what: 'apply whose copy by PostgreSQL does not end in time',
    run: async ({ project, subscriber, topology }, flags) => {
      await project.describe({ ...topology, defaults: { init: { copy: 'native' } } });
      await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
      return project.steep(...applied, '--converge-timeout', '1s', ...flags);
    },
  },
  {
    code: 8,
    what: 'apply whose copy by steep does not get a lock',
    run: async ({ project, subscriber }, flags) => {
      await holdTransaction(subscriber, 'LOCK TABLE items IN SHARE MODE');
      return project.steep(...applied, '--lock-timeout', '200ms', '--lock-retries', '1', ...flags);
    },
  },
  {
    code: 64,
    what: 'an unknown flag',
    run: ({ project }, flags) => project.steep('plan', '--nonsense', ...flags),
  },
  {
    code: 64,
    what: 'an unknown command',
    run: ({ project }, flags) => project.steep('plam', ...flags),
  },
  {
    code: 65,
    what: 'a file with a fault',
    run: async ({ project }, flags) => {
      await project.write('steep.yaml', 'version: 1\nnodse: {}\n');
      return project.steep('plan', ...flags);
    },
  },
  { code: 130, what: 'SIGINT', run: interruptedBy('SIGINT') },
  { code: 143, what: 'SIGTERM', run: interruptedBy('SIGTERM') },
];

/** What is wrong with the output of a command under --json: nothing, one hopes. */
function outputFaults(result: CliResult): string {
  const lines = jsonLines(result);
  // apply: events, and in the end a report or an error, which has no `event`.
  const isEvent = (line: unknown): boolean => 'event' in (line as object);
  const events = lines.filter(isEvent);
  expect(lines.map(isEvent)).toEqual([...events.map(() => true), false]);
  const last = lines.at(-1) as object;
  return [
    ...events.map((line) => faultsOf('events', line)),
    'format_version' in last ? faultsOf('plan', last) : '',
  ].join('');
}

test('the table holds every code that there is', () => {
  expect([...new Set(ways.map(({ code }) => code))]).toEqual(exitCodes.map(({ code }) => code));
});

describe.each(ways)('$code: $what', ({ code, run }) => {
  test('for people', async () => {
    const result = await run(await createEdge(), []);
    expect(result.code, result.stderr).toBe(code);
  });

  test('with --json', async () => {
    const result = await run(await createEdge(), ['--json']);
    expect(result.code, result.stderr).toBe(code);
    expect(outputFaults(result)).toBe('');
  });
});

test.each([['plan'], applied, ['status']])(
  '--log-file of %s holds what the schema describes',
  async (...args) => {
    const { project } = await createEdge();
    await project.steep(...args, '--log-file', 'log');
    const lines = jsonLines({ stdout: await project.read('log') });
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.map((line) => faultsOf('events', line)).join('')).toBe('');
  },
);
