// Which random plans are not to be carried out.

import fc from 'fast-check';
import type { Plan } from '../../../src/model/plan/plan.ts';

/**
 * A lost slot stands in the way of its subscription, and so does one of somebody else that would have to be
 * replaced, as their hazards say: there is no plan to carry out.
 */
export const assumeUnblocked = ({ observed }: Plan): void =>
  fc.pre(!Object.keys(observed.hazards).some((key) => /^(SLOT_MISSING|NOT_OWNED) /.test(key)));
