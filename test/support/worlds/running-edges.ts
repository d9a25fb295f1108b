// Two running subscriptions of one publication, every table copied: where re-initialization begins.

import type { Plan, PlanOptions } from '../../../src/model/plan/plan.ts';
import type { SubscriptionObserved } from '../../../src/model/state/resource.ts';
import type { DesiredState, LiveState, NodeState } from '../../../src/model/state/state.ts';
import { simulateSteps } from '../plans/simulate.ts';
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
} from './worlds.ts';

export const tables = ['customers', 'orders', 'refunds'].map((name) => table(name));

export const publications = [
  wantPublication('primary', 'sales', { tables: [select('customers'), select('orders')] }),
  wantPublication('primary', 'money', { tables: [select('refunds')] }),
];

export const file = (rest: Partial<DesiredState> = {}): DesiredState =>
  desiredState(['primary', 'reporting', 'archive'], {
    publications,
    subscriptions: [
      wantSubscription('reporting', 'primary', 'feed', { publications: ['sales', 'money'] }),
      wantSubscription('archive', 'primary', 'store', { publications: ['sales'] }),
    ],
    ...rest,
  });

const servers = liveState(
  ...['primary', 'reporting', 'archive'].map((name, index) =>
    nodeState(name, { tables, server: server({ systemIdentifier: String(index) }) }),
  ),
);

const copied = simulateSteps(servers, planOf(file(), servers).steps);

const withRows = (state: NodeState): NodeState => ({
  ...state,
  tables: state.tables.map((it) => ({ ...it, hasRows: true })),
  resources: state.resources.map((it) =>
    it.kind === 'subscription' ? { ...it, observed: { oid: 1 } as SubscriptionObserved } : it,
  ),
});

export const running: LiveState = {
  ...copied,
  nodes: Object.fromEntries(
    Object.entries(copied.nodes).map(([name, state]) => [name, withRows(state)]),
  ),
};

export const orders = ['reporting/copy.feed:public.orders'];
export const again = (reinit: readonly string[]): PlanOptions => ({ prune: false, reinit });
export const plain: PlanOptions = { prune: false };

export const ids = ({ steps }: Plan): readonly string[] => steps.map(({ id }) => id);

export const blocksOf = ({ changes, standing }: Plan): readonly string[] =>
  [...changes.flatMap(({ hazards }) => hazards), ...standing]
    .filter(({ severity }) => severity === 'block')
    .map(({ code }) => code);
