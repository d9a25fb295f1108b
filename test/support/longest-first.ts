// The order in which files of tests start: the longest first, so that none of them runs alone at the end. vitest knows how
// long they took where they have run before; on a new checkout it goes by the size of the file, and a file may be a few
// lines that play a hundred scenarios.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that took more than a minute, the longest first. Only the order of a run depends on it. */
export const longest: readonly string[] = [
  'scenarios/scenarios-1',
  'scenarios/scenarios-2',
  'chaos/chaos',
  'integration/health/edge-health',
  'integration/apply/crashed-source',
  'integration/init/slot-identity',
  'examples/ci-github',
  'integration/trust/schema-sync-code',
  'examples/examples',
  'integration/apply/reviewed-is-executed',
  'integration/init/changed-tables',
  'integration/apply/renames',
  'integration/apply/kill',
  'integration/init/reset',
  'integration/init/two-phase',
  'integration/snapshot/round-trip',
  'integration/pairs/writers',
  'integration/trust/squatted-metadata',
  'integration/schema/online',
  'integration/trust/snapshot-folder',
];

const place = ({ moduleId }: TestSpecification): number => {
  const found = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return found === -1 ? longest.length : found;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}
