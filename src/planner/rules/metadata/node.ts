// The registration of a node in its own steep_repl.nodes.

import type { ResourceOf } from '../../../model/state/resource.ts';
import { nothing, type RuleResult } from '../../draft.ts';
import { perDelta, type Rule } from '../rule.ts';
import { registerNode, unregisterNode } from '../steps.ts';

const unregister = (live: ResourceOf<'node'>): RuleResult => {
  const { node, address } = live;
  return {
    ...nothing,
    changes: [{ resource: live, action: 'forget', summary: 'no longer registered', details: [] }],
    steps: [unregisterNode({ node, address, why: `steep leaves node ${node}` }, {})],
  };
};

export const nodeRule: Rule<'node'> = perDelta((delta) => {
  if (delta.verb === 'remove') return unregister(delta.live);
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
