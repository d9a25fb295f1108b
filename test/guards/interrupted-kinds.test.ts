// By day only some scenarios are interrupted after each step: together they have every kind of step. At night all are.

import { expect, test } from 'vitest';
import type { StepKind } from '../../src/model/step/step.ts';
import { stepTraits } from '../../src/model/step/step-traits.ts';
import { readScenarios } from '../scenarios/runner/scenario.ts';

/** Kinds that no scenario has that can be interrupted by day, and why. */
const elsewhere: Readonly<Partial<Record<StepKind, string>>> = {
  'forget-former-nodes': 'of one statement: scenarios at night',
  'undo-copy': 'needs a copy that was stopped: integration tests of init',
  'settle-copy': 'the same',
  'advance-slot': 'of a command of its own: integration tests of primitives',
  'advance-origin': 'the same',
  'move-slot': 'the same',
  'move-origin': 'the same',
  'create-origin': 'the same',
  'drop-origin': 'the same',
};

test('every kind of step is interrupted by day', () => {
  const interrupted = readScenarios().filter(({ settings }) => settings.interrupt);
  const kinds = new Set(interrupted.flatMap(({ settings }) => settings.require));
  const missing = Object.keys(stepTraits).filter((kind) => !kinds.has(kind as StepKind));
  expect(missing.toSorted()).toEqual(Object.keys(elsewhere).toSorted());
});
