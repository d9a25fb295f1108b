// The snapshots that a scenario begins with, as `steep snapshot generate` makes them: real files, and a real slot.

import { generate } from '../../../src/workflows/snapshot/snapshot-generate.ts';
import { usualSnapshot } from '../../support/worlds/snapshot-request.ts';
import type { SnapshotSetting } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Again for each performance: a snapshot is of the databases of just this one. */
export const makeSnapshots = async (stage: Stage): Promise<void> => {
  for (const [name, setting] of Object.entries(stage.scenario.settings.snapshots)) {
    await makeSnapshot(stage, name, setting);
  }
};

const makeSnapshot = async (
  { runtime, path, steepFile, firstSteepFile }: Stage,
  name: string,
  { node, publications }: SnapshotSetting,
): Promise<void> => {
  const { outcome, ...rest } = await generate(
    {
      ...usualSnapshot(),
      file: firstSteepFile ?? steepFile,
      node: { node, connection: null, as: node },
      publications,
      location: path(name),
      compression: 'zstd',
      jobs: 2,
      slot: null,
    },
    runtime,
  );
  if (outcome !== 'read') throw new Error(`snapshot ${name}: ${JSON.stringify(rest)}`);
};
