// The replica identity of a published table: what UPDATE and DELETE send to find the row.

import { formatName } from '../../../model/identifier.ts';
import type { IdentitySpec } from '../../../model/state/resource.ts';
import { nothing } from '../../draft.ts';
import { identityHazards } from '../../hazards/edge/publication-hazards.ts';
import { perDelta, type Rule } from '../rule.ts';
import { setReplicaIdentity } from '../steps.ts';

const describe = (spec: IdentitySpec): string =>
  spec.mode === 'index' ? `index ${spec.index ?? ''}` : spec.mode;

export const identityRule: Rule<'identity'> = perDelta((delta, context) => {
  // Without a live table there is nothing to alter; the publication that lists it reports that.
  if (delta.verb !== 'change') return nothing;
  const { desired, live } = delta;
  const table = formatName(desired.spec.table);
  return {
    ...nothing,
    changes: [
      {
        resource: desired,
        action: 'change',
        summary: 'in place',
        details: [
          { field: 'identity', before: describe(live.spec), after: describe(desired.spec) },
        ],
      },
    ],
    steps: [
      setReplicaIdentity(
        {
          node: desired.node,
          address: desired.address,
          why: `replica identity of ${table} differs`,
          hazards: identityHazards(desired, context),
        },
        { identity: desired.spec },
      ),
    ],
  };
});
