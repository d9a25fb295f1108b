// The report at the end of a run.

import { expect, test } from 'vitest';
import { renderRun } from '../../../../../src/cli/render/plan/render-run.ts';
import { plainStyle } from '../../../../../src/cli/render/style.ts';
import type { RunOutcome } from '../../../../../src/model/event.ts';
import type {
  RunReport,
  StepReport,
  StepStatus,
} from '../../../../../src/model/plan/run-report.ts';

const step = (name: string, status: StepStatus, rest: Partial<StepReport> = {}): StepReport => ({
  id: `drop-subscription reporting/subscription.${name}`,
  kind: 'drop-subscription',
  node: 'reporting',
  status,
  durationMs: null,
  error: null,
  ...rest,
});

const report = (outcome: RunOutcome, rest: Partial<RunReport> = {}): RunReport => ({
  runId: 'run-1',
  planId: 'sha256:0',
  outcome,
  exit: 0,
  steps: [],
  behind: [],
  durationMs: 200_000,
  ...rest,
});

test('a run that stopped midway', () => {
  const partial = report('partial', {
    exit: 6,
    steps: [
      step('a', 'skipped'),
      step('b', 'done', { durationMs: 120 }),
      step('c', 'failed', {
        durationMs: 2000,
        error: {
          code: 'LOCK_TIMEOUT',
          message: 'Node reporting: the lock was not granted in 2 s.',
          suggestions: ['steep apply --lock-timeout 5s'],
        },
      }),
      step('d', 'in-doubt'),
      step('e', 'not-started'),
    ],
  });
  expect(renderRun(partial, plainStyle)).toMatchInlineSnapshot(`
    "  = already done  reporting  drop-subscription reporting/subscription.a
      + done          reporting  drop-subscription reporting/subscription.b  0.1 s
      x FAILED        reporting  drop-subscription reporting/subscription.c  2.0 s
      ? IN DOUBT      reporting  drop-subscription reporting/subscription.d
      - not started   reporting  drop-subscription reporting/subscription.e

    drop-subscription reporting/subscription.c: Node reporting: the lock was not granted in 2 s.  LOCK_TIMEOUT
        steep apply --lock-timeout 5s

    In doubt: drop-subscription reporting/subscription.d. The next run checks first.
    To continue, run the same command again: completed steps are not repeated.
    Partly applied: 2 of 5 steps done, 1 of them before, in 3m20s."
  `);
});

test('a run that has not converged', () => {
  const behind = report('not-converged', {
    exit: 8,
    steps: [step('a', 'done', { durationMs: 5 })],
    behind: ['reporting/subscription.sales lags by 1.2 GB'],
  });
  expect(renderRun(behind, plainStyle)).toMatchInlineSnapshot(`
    "  + done  reporting  drop-subscription reporting/subscription.a  0.0 s
      behind: reporting/subscription.sales lags by 1.2 GB

    To see the state of replication, and what to do:
      steep status
    Applied, not converged: 1 of 1 step done, in 3m20s."
  `);
});

test('nothing to apply, and an edge is broken', () => {
  const broken = report('not-converged', {
    exit: 8,
    steps: [],
    behind: ['reporting/subscription.sales: Apply fails repeatedly.'],
  });
  expect(renderRun(broken, plainStyle)).toMatchInlineSnapshot(`
    "  behind: reporting/subscription.sales: Apply fails repeatedly.

    To see the state of replication, and what to do:
      steep status
    Nothing to apply, and not converged."
  `);
});

test.each<[RunOutcome, boolean]>([
  ['converged', false],
  ['applied', false],
  ['nothing-to-do', false],
  ['partial', true],
  ['failed', true],
  ['interrupted', true],
  ['not-converged', false],
])('%s says whether to run it again', (outcome, again) => {
  const text = renderRun(report(outcome), plainStyle);
  expect(text.includes('run the same command again')).toBe(again);
});
