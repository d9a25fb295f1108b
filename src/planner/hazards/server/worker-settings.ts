// Settings of roles and databases that the workers of subscriptions obey: PostgreSQL's own, which steep cannot fix for them.

import { quoteIdentifier } from '../../../model/identifier.ts';
import type { FoundHazard, Severity } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import type { WorkerSetting } from '../../../model/state/server.ts';
import type { NodeState } from '../../../model/state/state.ts';
import { stepTraits } from '../../../model/step/step-traits.ts';
import { isTimeLimit, sayWorkerSetting } from '../../../model/worker-setting.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { hazard } from '../hazard.ts';

const rightValue = ({ setting }: WorkerSetting, { server }: NodeState): string =>
  ({
    array_nulls: 'on',
    client_encoding: `'${server.encoding}'`,
    xmloption: 'content',
    default_transaction_read_only: 'off',
    lock_timeout: '0',
    transaction_timeout: '0',
  })[setting];

const cure = (found: WorkerSetting, state: NodeState): string =>
  `ALTER ROLE ${quoteIdentifier(found.role)} IN DATABASE ${quoteIdentifier(state.server.database)} SET ${found.setting} = ${rightValue(found, state)};`;

/**
 * A block where the plan lets rows flow to the node; a warning where a subscription is there and the plan does not touch it,
 * and of a time limit.
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
    const { harmful = [], limits = [] } = Object.groupBy(server.workerSettings, (it) =>
      isTimeLimit(it) ? 'limits' : 'harmful',
    );
    return [
      ...hazardOf('WORKER_SETTING', receives ? 'block' : 'warning', harmful, state, receives),
      ...hazardOf('ROLE_TIMEOUT', 'warning', limits, state, receives),
    ];
  });

const hazardOf = (
  code: string,
  severity: Severity,
  found: readonly WorkerSetting[],
  state: NodeState,
  isNew: boolean,
): readonly FoundHazard[] => {
  const { node } = state;
  if (found.length === 0) return [];
  const after = isNew
    ? ''
    : ' Then let the workers start again: disable and enable the subscription.';
  return [
    hazard(
      severity,
      code,
      addressOf(node, 'node', node),
      `Node ${node}: ${found.map(sayWorkerSetting).join(' ')}`,
      `Correct it for this role and database: ${found.map((it) => cure(it, state)).join(' ')}${after}`,
    ),
  ];
};
