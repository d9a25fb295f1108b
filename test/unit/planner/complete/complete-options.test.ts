// The options of a subscription on each version: PostgreSQL's defaults under what the file says.

import { describe, expect, test } from 'vitest';
import type { ServerFacts } from '../../../../src/model/state/server.ts';
import { completeOptions } from '../../../../src/planner/complete/complete-options.ts';
import { server, wantSubscription } from '../../../support/worlds/worlds.ts';

const on = (versionNumber: number): ServerFacts => server({ versionNumber });

const complete = (
  options: Readonly<Record<string, string>>,
  subscriber: number,
  publisher: number = subscriber,
) =>
  completeOptions(wantSubscription('b', 'a', 'sales', { options }), on(subscriber), on(publisher));

const first = { binary: 'false', streaming: 'off', synchronous_commit: 'off' };
const since15 = { two_phase: 'false', disable_on_error: 'false' };
const since16 = { password_required: 'true', run_as_owner: 'false', origin: 'any' };

describe('defaults', () => {
  test.each([
    [140023, first],
    [150018, { ...first, ...since15 }],
    [160014, { ...first, ...since15, ...since16 }],
    [170010, { ...first, ...since15, ...since16, failover: 'false' }],
    [180004, { ...first, ...since15, ...since16, failover: 'false', streaming: 'parallel' }],
  ])('of %i', (versionNumber, options) => {
    expect(complete({}, versionNumber)).toEqual({ options, errors: [] });
  });
});

test('what the file says goes before the default', () => {
  const { options } = complete({ binary: 'true', origin: 'none' }, 160014);
  expect(options).toEqual({ ...first, ...since15, ...since16, binary: 'true', origin: 'none' });
});

test.each([
  [{ two_phase: 'true' }, 140023, 180004, /two_phase came with PostgreSQL 15.*runs 14\.23/],
  [{ disable_on_error: 'true' }, 140023, 180004, /disable_on_error came with PostgreSQL 15/],
  [{ password_required: 'false' }, 150018, 180004, /password_required came with PostgreSQL 16/],
  [{ run_as_owner: 'true' }, 150018, 180004, /run_as_owner came with PostgreSQL 16/],
  [{ origin: 'none' }, 150018, 180004, /origin came with PostgreSQL 16/],
  [{ failover: 'true' }, 160014, 180004, /failover came with PostgreSQL 17/],
  [{ streaming: 'parallel' }, 150018, 180004, /parallel/],
  [{ two_phase: 'true' }, 180004, 140023, /node a: two_phase came with PostgreSQL 15/],
  [{ origin: 'none' }, 180004, 150018, /node a: origin came with PostgreSQL 16/],
  [{ failover: 'true' }, 180004, 160014, /node a: failover came with PostgreSQL 17/],
])('%j on subscriber %i of publisher %i is an error', (options, subscriber, publisher, detail) => {
  const { errors } = complete(options, subscriber, publisher);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({
    code: 'OPTION_NOT_SUPPORTED',
    severity: 'error',
    address: 'b/subscription.sales',
    detail: expect.stringMatching(detail) as string,
  });
});

test.each([
  [{ disable_on_error: 'true', run_as_owner: 'true', password_required: 'false' }, 140023],
  [{ two_phase: 'false', origin: 'any', failover: 'false' }, 140023],
])('%j asks nothing of the publisher', (options, publisher) => {
  expect(complete(options, 180004, publisher).errors).toEqual([]);
});

test('an option that is too new never reaches the plan', () => {
  expect(complete({ failover: 'true' }, 160014).options).not.toHaveProperty('failover');
});
