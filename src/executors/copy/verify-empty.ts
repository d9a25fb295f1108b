// Proves that tables were empty when a slot was made: they hold no rows now, and the slot none of their changes.
// Otherwise the slot goes again: what empties the tables afterwards would be in it, and empty the other side.

import { readWhichHaveRows } from '../../catalog/objects/read-rows.ts';
import { readSlotHoldsChanges } from '../../catalog/slots/read-slot-changes.ts';
import { forgetOwnership } from '../../metadata/ownership.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import type { VerifyEmpty } from '../../model/step/step.ts';
import type { Executor, RunContext } from '../executor.ts';
import { dropSlotStatement } from '../slot/slot-sql.ts';

const refused = (step: VerifyEmpty, why: string, cure: string): SteepError =>
  new SteepError(
    'TABLES_NOT_EMPTY',
    `The tables of node ${step.node} had to be empty when slot ${step.slot} was created: ${why} Nothing was copied, and the slot was dropped.`,
    { suggestions: [cure, 'Then run the same command again.'] },
  );

/** Rows first: a row that is deleted between the two looks is a change in the slot. */
const faultOf = async (step: VerifyEmpty, context: RunContext): Promise<SteepError | null> => {
  const session = context.session(step.node);
  const filled = [...(await readWhichHaveRows(session, step.tables)).keys()];
  if (filled.length > 0) {
    const cure = `Empty them on node ${step.node}, and prevent writes there until the run has ended.`;
    return refused(step, `${filled.join(', ')} holds rows, or cannot be read.`, cure);
  }
  return (await readSlotHoldsChanges(session, step.slot, step.publication))
    ? refused(
        step,
        'they are empty now, but were written to since then.',
        'Prevent writes there until the run has ended.',
      )
    : null;
};

const dropSlot = async (step: VerifyEmpty, context: RunContext): Promise<void> => {
  await context.session(step.node).query(dropSlotStatement(step.slot));
  const metadata = context.metadata(step.node);
  await metadata.transaction({}, () => forgetOwnership(metadata, step.address, context.runId));
};

export const verifyEmptyExecutor: Executor<VerifyEmpty> = {
  transactional: false,
  reversible: true,
  sql: () => [],
  note: (step) => [
    `check that no row is in ${step.tables.map(formatName).join(', ')}, and no change of them in slot ${step.slot}; otherwise drop it and stop`,
  ],
  run: async (step, context) => {
    const fault = await faultOf(step, context);
    if (fault === null) return;
    await dropSlot(step, context);
    throw fault;
  },
};
