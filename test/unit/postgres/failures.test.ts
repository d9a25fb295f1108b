// Errors in words: stable codes, the node, what was being done, and never a password.

import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import { SteepError } from '../../../src/model/errors.ts';
import { toFailure } from '../../../src/postgres/failures.ts';

const where = { node: 'reporting', doing: 'creating slot sales' };

function serverError(
  code: string,
  message: string,
  more: Partial<DatabaseError> = {},
): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), {
    code,
    severity: 'ERROR',
    ...more,
  });
}

describe('codes', () => {
  test.each([
    ['28P01', 'AUTHENTICATION_FAILED'],
    ['28000', 'AUTHENTICATION_FAILED'],
    ['3D000', 'DATABASE_MISSING'],
    ['42501', 'PRIVILEGE'],
    ['55P03', 'LOCK_TIMEOUT'],
    ['57014', 'STATEMENT_CANCELLED'],
    ['08006', 'CONNECTION_LOST'],
    ['57P01', 'CONNECTION_LOST'],
    ['53300', 'TOO_MANY_CONNECTIONS'],
    ['53100', 'DISK_FULL'],
    ['55006', 'SLOT_ACTIVE'],
    ['53400', 'CONFIGURATION_LIMIT'],
    ['42710', 'ALREADY_EXISTS'],
    ['42P07', 'ALREADY_EXISTS'],
    ['22012', 'SERVER_ERROR'],
  ])('SQLSTATE %s is %s', (state, code) => {
    const failure = toFailure(serverError(state, 'the server says so'), where);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain('Node reporting: creating slot sales failed');
    expect(failure.message).toContain('the server says so');
  });

  test.each([
    [
      'FATAL:  password authentication failed for user "reader"',
      'AUTHENTICATION_FAILED',
      /password/,
    ],
    ['FATAL:  no pg_hba.conf entry for host "10.0.0.7"', 'AUTHENTICATION_FAILED', /pg_hba/],
    ['connection refused', 'UNREACHABLE', /listen_addresses/],
  ])('between two servers: %s', (message, code, cure) => {
    const text = `could not connect to the publisher: ${message}`;
    const failure = toFailure(serverError('08006', text), where);
    expect(failure.code).toBe(code);
    expect(failure.suggestions.join(' ')).toMatch(cure);
  });

  test.each([
    [
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
      'UNREACHABLE',
    ],
    [new AggregateError([Object.assign(new Error('no'), { code: 'ECONNREFUSED' })]), 'UNREACHABLE'],
    [Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'UNREACHABLE'],
    [new Error('timeout expired'), 'UNREACHABLE'],
    [new Error('Connection terminated unexpectedly'), 'CONNECTION_LOST'],
    [Object.assign(new Error('read'), { code: 'ECONNRESET' }), 'CONNECTION_LOST'],
    [new Error('The server does not support SSL connections'), 'TLS_FAILED'],
    [
      new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
      'AUTHENTICATION_FAILED',
    ],
    [serverError('08P01', 'unsupported startup parameter: options'), 'POOLER'],
    [
      serverError(
        '0A000',
        'cannot use different column lists for table "public.t" in different publications',
      ),
      'PUBLICATIONS_CONFLICT',
    ],
    [
      serverError('42710', 'conflicting or redundant WHERE clauses for table "child"'),
      'PUBLICATIONS_CONFLICT',
    ],
    [serverError('0A000', 'something else'), 'SERVER_ERROR'],
    [new TypeError('a bug'), 'INTERNAL_ERROR'],
  ])('%s is %s', (error, code) => {
    expect(toFailure(error, where).code).toBe(code);
  });
});

test('an unknown server error keeps SQLSTATE, detail and hint', () => {
  const failure = toFailure(
    serverError('22012', 'division by zero', { detail: 'In row 7.', hint: 'Do not.' }),
    where,
  );
  expect(failure.message).toBe(
    'Node reporting: creating slot sales failed: the server reports: division by zero (SQLSTATE 22012). In row 7.',
  );
  expect(failure.suggestions).toEqual(['Do not.']);
});

test('a SteepError stays as it is', () => {
  const error = new SteepError('PLAN_STALE', 'stale');
  expect(toFailure(error, where)).toBe(error);
});

test('the exit code is the caller’s choice', () => {
  expect(toFailure(new Error('timeout expired'), where).exit).toBe(1);
  expect(toFailure(new Error('timeout expired'), { ...where, exit: 7 }).exit).toBe(7);
});

describe('passwords are cut out', () => {
  test.each([
    'could not connect: host=a password=hunter2 user=b',
    "could not connect: host=a password = 'hunter2 x' user=b",
    "near \"'host=a password=''hunter2 y''' \"",
    'could not connect to postgresql://user:hunter2@host:5432/db',
    'could not connect to postgres://user:hun@hunter2@host/db?x=1',
    'bad parameter postgresql://host/db?password=hunter2&x=1',
    'password=hun\\ hunter2 user=b',
    'invalid connection string syntax: missing "=" after "hunter2" in connection info string',
  ])('%s', (message) => {
    const failure = toFailure(
      serverError('XX000', message, { detail: message, hint: message }),
      where,
    );
    expect(failure.message + failure.suggestions.join()).not.toContain('hunter2');
    expect(failure.message).toContain('***');
  });
});
