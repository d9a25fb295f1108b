// ALTER SUBSCRIPTION: the connection and the options that can change while the worker runs.

import type { AlterSubscription } from '../../model/step/subscription-steps.ts';
import { ddl, ident, secret } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import { optionList, turnLoggingOff } from './subscription-sql.ts';

export const alterSubscriptionExecutor: Executor<AlterSubscription> = {
  transactional: true,
  reversible: true,
  sql: (step) => {
    const name = ident(step.subscription);
    return [
      ...(step.setConnection && step.source !== null
        ? [
            ...turnLoggingOff(step.loggingOff),
            ddl`ALTER SUBSCRIPTION ${name} CONNECTION ${secret(step.source)}`,
          ]
        : []),
      ...(Object.keys(step.options).length > 0
        ? [ddl`ALTER SUBSCRIPTION ${name} SET (${optionList(step.options)})`]
        : []),
    ];
  },
  finish: (step, context) =>
    Promise.resolve(
      step.setConnection && step.source !== null
        ? { connection: context.connectionHash(step.source) }
        : {},
    ),
};
