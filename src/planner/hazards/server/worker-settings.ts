// Settings of roles and databases that the workers of subscriptions obey: PostgreSQL's own, which steep cannot fix for them.

import { quoteIdentifier } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { WorkerSetting } from '../../../model/state/server.ts';
import type { NodeState } from '../../../model/state/state.ts';
import { stepTraits } from '../../../model/step/step-traits.ts';
import { sayWorkerSetting } from '../../../model/worker-setting.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { hazard } from '../hazard.ts';

const rightValue = ({ setting }: WorkerSetting, { server }: NodeState): string =>
  ({
    array_nulls: 'on',
    client_encoding: `'${server.encoding}'`,
    xmloption: 'content',
    default_transaction_read_only: 'off',
  })[setting];

const cure = (found: WorkerSetting, state: NodeState): string =>
  `ALTER ROLE ${quoteIdentifier(found.role)} IN DATABASE ${quoteIdentifier(state.server.database)} SET ${found.setting} = ${rightValue(found, state)};`;

/**
 * A block where the plan lets rows flow to the node; a warning where a subscription is there and the plan does not touch it.
 */
export const workerSettingHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] =>
  Object.values(context.live.nodes).flatMap((state) => {
    const { node, server } = state;
    const subscribes = [...context.want.values(), ...context.have.values()].some(
      (it) => it.kind === 'subscription' && it.node === node,
    );
    if (!subscribes || server.workerSettings.length === 0) return [];
    const receives = steps.some(
      (it) => it.node === node && stepTraits[it.kind].flow === 'receives',
    );
    const after = receives
      ? ''
      : ' Then let the workers start again: disable and enable the subscription.';
    return [
      hazard(
        receives ? 'block' : 'warning',
        'WORKER_SETTING',
        addressOf(node, 'node', node),
        `Node ${node}: ${server.workerSettings.map(sayWorkerSetting).join(' ')}`,
        `Correct it for this role and database: ${server.workerSettings.map((it) => cure(it, state)).join(' ')}${after}`,
      ),
    ];
  });
