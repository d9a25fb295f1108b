// Whether the subscriptions of a node replicate: all that keeps their edges from being well, as drift has it.

import { edgeHealth, type Health } from '../../model/edge/edge-health.ts';
import type { FindingStatus } from '../../model/report/doctor.ts';
import type { NodeName } from '../../model/state/address.ts';
import { type DoctorCheck, type DoctorContext, type Observation, observation } from './context.ts';

const check = 'edge';

const statusOf: { readonly [H in Exclude<Health, 'ok'>]: FindingStatus } = {
  broken: 'error',
  unknown: 'unknown',
  lagging: 'warning',
  copying: 'warning',
  disabled: 'warning',
};

/** A subscription that is not there yet is for a plan to create. */
const edgesOf = (node: NodeName, { desired, edges }: DoctorContext) =>
  edges.filter(
    (edge) =>
      edge.node === node &&
      desired.subscriptions.some((sub) => sub.node === node && sub.name === edge.subscription),
  );

export const faultsOfEdges = (node: NodeName, context: DoctorContext): readonly Observation[] =>
  edgesOf(node, context).flatMap((edge) =>
    edgeHealth(edge, context.desired.policy.maxLag)
      .filter(({ code }) => code !== 'SUBSCRIPTION_MISSING')
      .map(({ health, reason, cure }) => {
        const message = `Subscription ${edge.subscription}: ${reason}`;
        return observation(check, statusOf[health], message, cure);
      }),
  );

export const edgeCheck: DoctorCheck = ({ state }, context) => {
  const there = edgesOf(state.node, context).filter(({ exists }) => exists === true);
  const faults = faultsOfEdges(state.node, context);
  if (faults.length > 0 || there.length === 0) return faults;
  const count =
    there.length === 1 ? '1 subscription replicates' : `${there.length} subscriptions replicate`;
  return [observation(check, 'ok', `${count}.`)];
};
