// Statements that carry a password to a server are sent with its logging turned off, as far as the role may.

import type { Step } from '../../../model/step/step.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';

/** The step with the settings that are turned off before it, where its connection string holds a password. */
export const withLoggingOff = (step: StepDraft, context: PlanContext): StepDraft => {
  if (!carriesSecret(step, context)) return step;
  const logging = context.live.nodes[step.node]?.server.statementLogging ?? [];
  const off = logging.filter(({ mayTurnOff }) => mayTurnOff).map(({ setting }) => setting);
  return off.length === 0 ? step : { ...step, loggingOff: off };
};

type Carrier = Extract<Step, { readonly loggingOff?: readonly string[] }>;

const carriesSecret = (step: StepDraft, { desired }: PlanContext): step is StepDraft<Carrier> => {
  const sends =
    step.kind === 'create-subscription' ||
    step.kind === 'try-subscription' ||
    (step.kind === 'alter-subscription' && step.setConnection);
  return (
    sends &&
    desired.subscriptions.some((sub) => sub.source === step.source && sub.secretInConnection)
  );
};
