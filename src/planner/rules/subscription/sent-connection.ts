// Steps that write a connection string to a subscriber say which: whoever agrees to a plan agrees to where it leads.

import type { Step } from '../../../model/step/step.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';

type Sender = Extract<Step, { readonly connection?: string }>;

/** Whether the step writes a connection string. */
export const sendsConnection = (step: StepDraft): step is StepDraft<Sender> =>
  step.kind === 'create-subscription' ||
  step.kind === 'try-subscription' ||
  (step.kind === 'alter-subscription' && step.setConnection);

/** The step with the connection string that it writes, without its secrets. All subscribers of a node get the same one. */
export const withConnection = (step: StepDraft, { desired }: PlanContext): StepDraft => {
  if (!sendsConnection(step)) return step;
  const connection = desired.subscriptions.find(({ source }) => source === step.source)?.connection;
  return connection === undefined ? step : { ...step, connection };
};
