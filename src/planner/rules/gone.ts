// Ownership of objects that are gone: dropped by hand, and no longer in the file. Kept, the rows would
// claim whatever gets the same name one day.

import { parseAddress } from '../../model/address.ts';
import type { PlanContext } from '../context.ts';
import { combine, nothing, type RuleResult } from './rule.ts';
import { recordOwnership } from './steps.ts';

const forget = (address: string): RuleResult => {
  const { node, kind, name } = parseAddress(address);
  return {
    ...nothing,
    changes: [
      {
        resource: { address, node, kind, name },
        action: 'drop',
        summary: 'gone already: only forgotten',
        details: [],
      },
    ],
    steps: [
      recordOwnership(
        {
          node,
          address,
          why: `${address} is gone and left the file`,
          forgets: [address],
        },
        {},
      ),
    ],
  };
};

/** With --prune, ownership without an object is deleted, unless the file asks for the object again. */
export const planGone = (context: PlanContext): RuleResult => {
  if (!context.prune) return nothing;
  const gone = Object.values(context.live.nodes)
    .flatMap(({ missing }) => missing)
    .filter((address) => !context.want.has(address));
  return combine(gone.map(forget));
};
