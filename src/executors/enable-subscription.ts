// ALTER SUBSCRIPTION … ENABLE.

import type { EnableSubscription } from '../model/step.ts';
import { ddl, ident } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

export const enableSubscription: Executor<EnableSubscription> = {
  transactional: true,
  reversible: true,
  sql: (step) => [ddl`ALTER SUBSCRIPTION ${ident(step.subscription)} ENABLE`],
};
