// CREATE SUBSCRIPTION on a slot that is there: create_slot = false makes it transactional, and it cannot
// hang when both nodes are databases of one cluster.

import { noteCopyStart } from '../metadata/copy-measure.ts';
import { startInit } from '../metadata/init-state.ts';
import type { CreateSubscription } from '../model/subscription-steps.ts';
import { ddl, ident, join, literal, type Sql, secret } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';
import { subscriptionOptions } from './subscription-sql.ts';

const onOff = (value: boolean): Sql => (value ? ddl`true` : ddl`false`);

const statement = (step: CreateSubscription): Sql => {
  const settings = [
    ddl`create_slot = false`,
    ddl`slot_name = ${literal(step.slot)}`,
    ddl`enabled = ${onOff(step.enabled)}`,
    ddl`copy_data = ${onOff(step.copyData)}`,
    ...(Object.keys(step.options).length > 0 ? [subscriptionOptions(step.options)] : []),
  ];
  return ddl`CREATE SUBSCRIPTION ${ident(step.subscription)} CONNECTION ${secret(step.source)} PUBLICATION ${join(step.publications.map(ident))} WITH (${join(settings)})`;
};

export const createSubscription: Executor<CreateSubscription> = {
  transactional: true,
  reversible: true,
  sql: (step) => [statement(step)],
  finish: async (step, context) => {
    await startInit(context.metadata(step.node), {
      node: step.node,
      subscription: step.subscription,
      source: step.source,
      method: step.copyData ? 'snapshot' : 'none',
      slot: step.slot,
      runId: context.runId,
      emit: context.emit,
    });
    if (step.copyData && step.enabled) {
      await noteCopyStart(context.metadata(step.node), { ...step, runId: context.runId });
    }
    return { connection: context.connectionHash(step.source) };
  },
};
