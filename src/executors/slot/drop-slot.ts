// Drops a slot. Its walsender may take a moment to notice that the subscription is gone.

import type { DropSlot } from '../../model/step/step.ts';
import type { Executor } from '../executor.ts';
import { dropSlotStatement } from './slot-sql.ts';

export const dropSlotExecutor: Executor<DropSlot> = {
  transactional: false,
  reversible: false,
  // object_in_use
  retried: { sqlState: '55006', reason: 'the slot is still read' },
  sql: (step) => [dropSlotStatement(step.slot)],
};
