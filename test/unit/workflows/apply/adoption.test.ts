// How import judges the plan of its own file: what must leave the file, and what no file can help.

import { expect, test } from 'vitest';
import type { WrittenTopology } from '../../../../src/topology/written-topology.ts';
import { objectionsTo, obstaclesTo } from '../../../../src/workflows/apply/adoption.ts';
import { describeLive } from '../../../../src/workflows/import/describe-live.ts';
import {
  introspection,
  publication,
  slot,
  subscription,
} from '../../../support/plans/introspections.ts';
import { change, hazard, observing, plan, sentences, step } from '../../../support/plans/plans.ts';

const world = { us: [publication('us'), slot('us')], eu: [subscription('eu')] };
const topology: WrittenTopology = describeLive(introspection(world), new Map()).topology;

test('adoption raises no objection', () => {
  const changes = [change('us/publication.p', 'adopt'), change('us/metadata.steep_repl', 'create')];
  expect(objectionsTo(plan({ changes }), topology)).toEqual([]);
});

test.each([
  ['eu/subscription.s', 'eu/subscription.s'],
  ['us/publication.p', 'us/publication.p'],
  ['us/slot.s', 'eu/subscription.s'],
])('a step at %s takes %s out of the file', (address, blamed) => {
  expect(objectionsTo(plan({ steps: [step(address, ['…'])] }), topology)).toEqual([
    {
      address: blamed,
      reason: `A plan would change it: the file asks for ${address}.`,
      cure: null,
    },
  ]);
});

test('so do errors, and hazards that block', () => {
  const lost = hazard('SLOT_LOST', 'block', 'eu/subscription.s');
  const slow = hazard('WAL_RETENTION', 'warning', 'us/slot.s');
  const objections = objectionsTo(
    plan({
      standing: [lost, slow],
      errors: [
        {
          severity: 'error',
          code: 'OPTION_NOT_SUPPORTED',
          summary: '',
          detail: 'origin is too new.',
          address: 'eu/subscription.s',
        },
      ],
      observed: observing({ hazards: sentences([lost, 'Slot s is lost.']) }),
    }),
    topology,
  );
  expect(objections.map(({ reason }) => reason)).toEqual([
    'origin is too new.',
    'SLOT_LOST: Slot s is lost.',
  ]);
});

test('what concerns a node itself is said, not left out', () => {
  const block = hazard('METADATA_PUBLISHED', 'block', 'us/metadata.steep_repl', 'Set it.');
  const made = plan({
    standing: [block],
    observed: observing({ hazards: sentences([block, 'It publishes every table.']) }),
  });
  expect(objectionsTo(made, topology)).toEqual([]);
  expect(obstaclesTo(made)).toMatchObject([
    {
      severity: 'warning',
      code: 'METADATA_PUBLISHED',
      detail: 'It publishes every table.',
      suggestions: ['Set it.'],
    },
  ]);
});
