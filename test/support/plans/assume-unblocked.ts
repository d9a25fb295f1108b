// Which random plans are not to be executed.

import fc from 'fast-check';
import type { Plan } from '../../../src/model/plan/plan.ts';

/**
 * A lost slot blocks its subscription, and so does one of another owner that would have to be replaced, as their
 * hazards say: there is no plan to execute.
 */
export const assumeUnblocked = ({ observed }: Plan): void =>
  fc.pre(!Object.keys(observed.hazards).some((key) => /^(SLOT_MISSING|NOT_OWNED) /.test(key)));
