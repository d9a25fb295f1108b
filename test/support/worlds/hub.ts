// A hub whose publications two nodes read, as values: enough to choose a part of.

import type { Plan, PlanOptions } from '../../../src/model/plan/plan.ts';
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

const tables = [table('orders'), table('people'), table('refunds')];

export const untouched = liveState(
  ...['hub', 'one', 'two'].map((node, index) =>
    nodeState(node, { tables, server: server({ systemIdentifier: String(index) }) }),
  ),
);

export const hub = (
  sales: readonly string[],
  subscriptions: DesiredState['subscriptions'] = [
    wantSubscription('one', 'hub', 'sales', { publications: ['sales'] }),
    wantSubscription('two', 'hub', 'staff', { publications: ['staff'] }),
  ],
): DesiredState =>
  desiredState(['hub', 'one', 'two'], {
    publications: [
      wantPublication('hub', 'sales', { tables: sales.map((name) => select(name)) }),
      wantPublication('hub', 'staff', { tables: [select('people')] }),
    ],
    subscriptions,
  });

export const asked = hub(['orders']);
export const applied = simulateSteps(untouched, planOf(asked, untouched).steps);

export const stepsOf = ({ steps }: Plan): readonly string[] => steps.map(({ id }) => id);

export const planned = (
  desired: DesiredState,
  live: LiveState,
  options: Partial<PlanOptions>,
): Plan => planOf(desired, live, { prune: false, ...options });

export const without = (live: LiveState, ...nodes: readonly string[]): LiveState => ({
  ...live,
  nodes: Object.fromEntries(Object.entries(live.nodes).filter(([node]) => !nodes.includes(node))),
  unreadable: Object.fromEntries(
    nodes.map((node) => [
      node,
      {
        severity: 'error' as const,
        code: 'UNREACHABLE',
        summary: '',
        detail: `${node} does not answer`,
        address: `${node}/node.${node}`,
      },
    ]),
  ),
});

export const change = (live: LiveState, node: string, rest: Partial<NodeState>): LiveState => {
  const state = live.nodes[node];
  if (state === undefined) throw new Error(`there is no node ${node}`);
  return { ...live, nodes: { ...live.nodes, [node]: { ...state, ...rest } } };
};
