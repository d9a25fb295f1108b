// Writes ownership or protection only: nothing that replicates is touched.

import type { RecordOwnership } from '../../model/step/step.ts';
import type { Executor } from '../executor.ts';

export const recordOwnershipExecutor: Executor<RecordOwnership> = {
  transactional: true,
  reversible: true,
  sql: () => [],
  note: (step) => [
    `${step.owns === null ? 'forget' : 'note'} ${step.address} in steep_repl.objects`,
  ],
};
