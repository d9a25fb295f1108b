// Some scenarios by a role that has exactly what `steep doctor --grants` prints; STEEP_TEST_GRANTED=1 plays all of them so.

import { describe, test } from 'vitest';
import { perform } from '../../scenarios/runner/perform.ts';
import { readScenarios } from '../../scenarios/runner/scenario.ts';
import { onStage } from '../../scenarios/runner/stage.ts';
import { majors } from '../../support/servers/majors.ts';

/** Copies by steep, by PostgreSQL and from a snapshot; partitions, foreign keys, renames, pairs, new tables. */
const chosen: Readonly<Record<string, number>> = {
  'publication--create-via-root': 14,
  'publication--renamed': 16,
  'reinit--foreign-keys': 16,
  'schema--auto-new-table': 16,
  'snapshot--create': 16,
  'subscription--large-by-hand': 16,
  'topology--one-cluster': 15,
  'pair--add-table': 18,
  // Subscriptions that steep does not manage, whose connections such a role may not see.
  'publication--drop-in-use': 16,
  'topology--loop': 18,
};

describe.concurrent.each(
  readScenarios().flatMap((scenario) => {
    const major = chosen[scenario.name];
    return major !== undefined && majors.includes(major) ? [{ scenario, major }] : [];
  }),
)('on PostgreSQL $major', ({ scenario, major }) => {
  test.concurrent(scenario.name, () =>
    onStage(
      scenario,
      [major, major],
      (stage) => perform(stage, { update: false, applied: true }),
      true,
    ),
  );
});
