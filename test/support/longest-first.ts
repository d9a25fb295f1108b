// The order in which files of tests start: the longest first, so that none of them runs alone at the end. vitest knows how
// long they took where they have run before; on a new checkout it goes by the size of the file, and a file may be a few
// lines that play a hundred scenarios.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that took more than a minute, the longest first. Only the order of a run depends on it. */
export const longest: readonly string[] = [
  'scenarios/scenarios-1',
  'scenarios/scenarios-2',
  'integration/health/edge-health',
  'integration/init/slot-identity',
  'examples/ci-github',
  'integration/rows/replaced-publications',
  'integration/init/changed-tables',
  'integration/apply/reviewed-is-executed',
  'integration/init/two-phase',
  'integration/init/cancel',
  'chaos/chaos',
  'integration/verify/verify',
  'integration/apply/lost-servers',
  'integration/apply/kill',
  'integration/init/reset',
  'integration/rows/edge-records',
  'integration/trust/snapshot-folder',
  'integration/rows/table-traps',
  'integration/merge/undo-merge',
  'integration/apply/renames',
  'integration/apply/crashed-source',
  'integration/init/refusals',
  'examples/examples',
  'integration/pairs/writers',
  'integration/trust/schema-sync-code',
  'integration/copy/locks',
  'integration/snapshot/shared-files',
  'integration/drift-schema',
  'integration/repair/repair-tables',
  'integration/init/inheriting-tables',
  'integration/snapshot/round-trip',
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
