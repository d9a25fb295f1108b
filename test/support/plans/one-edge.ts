// One table from a to b, planned from nothing on servers with facts of a test's own.

import type { Hazard } from '../../../src/model/plan/hazard.ts';
import type { Plan } from '../../../src/model/plan/plan.ts';
import type { ServerFacts } from '../../../src/model/state/server.ts';
import type { Table } from '../../../src/model/state/table.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  select,
  server,
  table,
  wantPublication,
  wantSubscription,
} from '../worlds/worlds.ts';

/** One table from a to b, from nothing. */
export const edge = desiredState(['a', 'b'], {
  publications: [wantPublication('a', 'p', { tables: [select('orders')] })],
  subscriptions: [wantSubscription('b', 'a', 's', { publications: ['p'] })],
});

export interface World {
  readonly a?: Partial<ServerFacts>;
  readonly b?: Partial<ServerFacts>;
  readonly orders?: Partial<Table>;
}

export const planned = ({ a, b, orders }: World, desired = edge): Plan =>
  planOf(
    desired,
    liveState(
      nodeState('a', { server: server(a), tables: [table('orders', orders)] }),
      nodeState('b', { server: server(b), tables: [table('orders')] }),
    ),
  );

/** Those of a node are listed with its registration, where that is planned too. */
export const found = (plan: Plan, code: string): readonly Hazard[] =>
  [...plan.standing, ...plan.changes.flatMap(({ hazards }) => hazards)].filter(
    (hazard) => hazard.code === code,
  );

export const sentences = (plan: Plan, code: string): readonly string[] =>
  found(plan, code).map(({ address }) => plan.observed.hazards[`${code} ${address}`] ?? '');
