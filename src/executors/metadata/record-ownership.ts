// Writes ownership or protection only: nothing that replicates is touched.

import { readNotes } from '../../metadata/ownership.ts';
import type { RecordOwnership } from '../../model/step/step.ts';
import type { Executor } from '../executor.ts';

export const recordOwnershipExecutor: Executor<RecordOwnership> = {
  transactional: true,
  reversible: true,
  sql: () => [],
  // What other steps noted beside the spec, such as filters as they were written, is still so.
  finish: async (step, context) =>
    step.owns === null ? {} : readNotes(context.metadata(step.node), step.owns),
  note: (step) => [
    `${step.owns === null ? 'forget' : 'note'} ${step.address} in steep_repl.objects`,
  ],
};
