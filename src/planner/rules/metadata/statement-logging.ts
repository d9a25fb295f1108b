// Statements that carry a password to a server are sent with its logging turned off, as far as the role may.

import type { NodeName } from '../../../model/state/address.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { sendsConnection } from '../subscription/sent-connection.ts';

/** The step with the settings that are turned off before it, where its connection string holds a password. */
export const withLoggingOff = (step: StepDraft, context: PlanContext): StepDraft => {
  if (!sendsConnection(step) || !carriesSecret(step.source, context)) return step;
  const logging = context.live.nodes[step.node]?.server.statementLogging ?? [];
  const off = logging.filter(({ mayTurnOff }) => mayTurnOff).map(({ setting }) => setting);
  return off.length === 0 ? step : { ...step, loggingOff: off };
};

const carriesSecret = (source: NodeName | null, { desired }: PlanContext): boolean =>
  desired.subscriptions.some((sub) => sub.source === source && sub.secretInConnection);
