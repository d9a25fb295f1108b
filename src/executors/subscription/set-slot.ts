// ALTER SUBSCRIPTION … SET (slot_name = …), on a disabled subscription.

import type { SetSlot } from '../../model/step/subscription-steps.ts';
import { ddl, ident, literal } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const setSlotExecutor: Executor<SetSlot> = {
  transactional: true,
  reversible: true,
  sql: (step) => [
    ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} SET (slot_name = ${literal(step.slot)})`,
  ],
};
