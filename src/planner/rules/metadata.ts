// The steep_repl schema of a node: installed first, upgraded in numbered migrations.

import { metadataPublished } from '../hazards/server-hazards.ts';
import { nothing, perDelta, type Rule } from './rule.ts';
import { installMetadata } from './steps.ts';

export const metadataRule: Rule<'metadata'> = perDelta((delta, context) => {
  if (delta.verb === 'remove') return nothing;
  const { desired } = delta;
  const from = delta.verb === 'add' ? 0 : delta.live.spec.version;
  const to = desired.spec.version;
  const summary = from === 0 ? `install version ${to}` : `upgrade from version ${from} to ${to}`;
  return {
    ...nothing,
    changes: [
      {
        resource: desired,
        action: delta.verb === 'add' ? 'create' : 'change',
        summary,
        details: [],
      },
    ],
    steps: [
      installMetadata(
        {
          node: desired.node,
          address: desired.address,
          why: `${summary} of steep's metadata schema`,
          hazards: metadataPublished(desired, context),
        },
        { from, to },
      ),
    ],
  };
});
