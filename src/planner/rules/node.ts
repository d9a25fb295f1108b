// The registration of a node in its own steep_repl.nodes.

import { nothing, perDelta, type Rule } from './rule.ts';
import { registerNode } from './steps.ts';

export const nodeRule: Rule<'node'> = perDelta((delta) => {
  if (delta.verb === 'remove') return nothing;
  const { desired } = delta;
  const added = delta.verb === 'add';
  const details = added
    ? []
    : [
        {
          field: 'priority',
          before: String(delta.live.spec.priority),
          after: String(desired.spec.priority),
        },
      ];
  return {
    ...nothing,
    changes: [
      {
        resource: desired,
        action: added ? 'create' : 'change',
        summary: added ? 'register' : 'in place',
        details,
      },
    ],
    steps: [
      registerNode(
        {
          node: desired.node,
          address: desired.address,
          why: added ? `node ${desired.node} is new` : `priority of node ${desired.node} differs`,
        },
        { priority: desired.spec.priority },
      ),
    ],
  };
});
