// The steep_repl schema of a node: installed first, upgraded in numbered migrations.

import type { NodeName } from '../../../model/state/address.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { NodeState } from '../../../model/state/state.ts';
import type { PlanContext } from '../../context/context.ts';
import { nothing, type RuleResult } from '../../draft.ts';
import { forgottenSnapshots } from '../../hazards/copy/snapshot-hazards.ts';
import { metadataDropped, metadataPublished } from '../../hazards/server/server-hazards.ts';
import { perDelta, type Rule } from '../rule.ts';
import { dropMetadata, installMetadata } from '../steps.ts';

/** One schema can serve several databases of a cluster, each a node. */
const placeOf = ({ server }: NodeState): string =>
  `${server.systemIdentifier} ${server.timeline} ${server.metadataDatabase ?? server.database}`;

/** The nodes of the file that the schema of a node serves; the last of them drops it. */
const servedBy = (node: NodeName, { live }: PlanContext): readonly NodeName[] => {
  const own = live.nodes[node];
  return Object.values(live.nodes)
    .filter((state) => own !== undefined && placeOf(state) === placeOf(own))
    .map((state) => state.node)
    .toSorted();
};

const drop = (live: ResourceOf<'metadata'>, context: PlanContext): RuleResult => {
  const served = servedBy(live.node, context);
  const others = (live.observed?.alsoServes ?? []).filter((node) => !served.includes(node));
  if (others.length > 0 || served.at(-1) !== live.node) return nothing;
  return {
    ...nothing,
    changes: [
      { resource: live, action: 'drop', summary: 'destroy: with its audit log', details: [] },
    ],
    steps: [
      dropMetadata(
        {
          node: live.node,
          address: live.address,
          why: `steep no longer manages anything on ${served.join(', ')}`,
          hazards: [...metadataDropped(live), ...forgottenSnapshots(live, served, context)],
        },
        {},
      ),
    ],
  };
};

export const metadataRule: Rule<'metadata'> = perDelta((delta, context) => {
  if (delta.verb === 'remove') return drop(delta.live, context);
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
