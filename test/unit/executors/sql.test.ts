// The statements of every kind of step, for names that want quoting: what reviewers read, and what is sent.

import { describe, expect, test } from 'vitest';
import { describeStep } from '../../../src/executors/index.ts';
import type { StepKind } from '../../../src/model/step/step.ts';
import { copyCases } from './copy-cases.ts';
import { positionCases } from './position-cases.ts';
import { publicationCases } from './publication-cases.ts';
import { type StepCase, step } from './step-case.ts';
import { subscriptionCases } from './subscription-cases.ts';

/** A kind that is missing does not compile. */
const cases: Readonly<Record<StepKind, readonly StepCase[]>> = {
  ...publicationCases,
  ...subscriptionCases,
  ...copyCases,
  ...positionCases,
};

describe.each(Object.entries(cases))('%s', (_kind, ofKind) => {
  test.each(ofKind.map((given) => [given.statements.at(-1), given] as const))(
    '%s',
    (_last, { step: given, statements, rest }) => {
      expect(describeStep(given)).toEqual({
        statements,
        transactional: true,
        reversible: true,
        lock: null,
        lockTimeoutMs: 2000,
        statementTimeoutMs: null,
        ...rest,
      });
    },
  );
});

test('a name that PostgreSQL could not hold is refused before anything is sent', () => {
  const tooLong = step('drop-publication', { publication: 'x'.repeat(64) });
  expect(() => describeStep(tooLong)).toThrow(/cannot hold the name/);
});

test('a filter that would end its parentheses is refused', () => {
  const given = step('alter-publication', {
    publication: 'p',
    dropTables: [],
    dropSchemas: [],
    addSchemas: [],
    settings: {},
    addTables: [
      {
        table: {
          schema: 'public',
          name: 't',
        },
        columns: null,
        where: 'true); DROP TABLE t; --',
      },
    ],
    lockAdded: false,
  });
  expect(() => describeStep(given)).toThrow(/closes a parenthesis/);
});
