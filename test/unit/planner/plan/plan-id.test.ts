// The plan and its id depend on what the file says and on what the servers hold: not on the order in which
// things were read, nor on what moves by itself.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Resource, SlotObserved } from '../../../../src/model/state/resource.ts';
import type { DesiredState, LiveState, NodeState } from '../../../../src/model/state/state.ts';
import {
  anyTransition,
  type Transition,
  tamper,
  untouchedServers,
} from '../../../support/plans/generate.ts';
import { simulateSteps } from '../../../support/plans/simulate.ts';
import {
  desiredState,
  liveState,
  nodeState,
  planOf,
  server,
} from '../../../support/worlds/worlds.ts';

const reached = ({ versions, before, deeds }: Transition): LiveState => {
  const servers = untouchedServers(versions);
  return tamper(simulateSteps(servers, planOf(before, servers).steps), deeds);
};

const mapNodes = (live: LiveState, change: (state: NodeState) => NodeState): LiveState => ({
  ...live,
  nodes: Object.fromEntries(
    Object.entries(live.nodes).map(([name, state]) => [name, change(state)]),
  ),
});

/** Everything that is a list or a map, the other way round. */
const reversed = (live: LiveState): LiveState => {
  const states = mapNodes(live, (state) => ({
    ...state,
    resources: state.resources.toReversed(),
    tables: state.tables.toReversed(),
  }));
  return { ...states, nodes: Object.fromEntries(Object.entries(states.nodes).toReversed()) };
};

const reversedFile = (desired: DesiredState): DesiredState => ({
  ...desired,
  nodes: desired.nodes.toReversed(),
  publications: desired.publications
    .toReversed()
    .map((pub) => ({ ...pub, tables: pub.tables.toReversed() })),
  subscriptions: desired.subscriptions.toReversed(),
});

const slotNow: SlotObserved = {
  active: false,
  walStatus: 'reserved',
  confirmedFlushLsn: '3/5A0F1C8',
  restartLsn: '3/5A00000',
  lagBytes: 123,
  retainedBytes: 4567,
  safeWalSize: null,
  failover: false,
  twoPhase: false,
};

const withObservations = (found: Resource): Resource =>
  found.kind === 'slot' ? { ...found, observed: slotNow } : found;

/** The same servers a while later. */
const later = (live: LiveState): LiveState => ({
  ...mapNodes(live, (state) => ({
    ...state,
    server: { ...state.server, walPosition: '7/1', host: 'other.example', port: 6000 },
    resources: state.resources.map(withObservations),
    tables: state.tables.map((table) => ({ ...table, estimatedRows: 5_000_000, bytes: 4_000_000 })),
  })),
  readAt: '2027-12-31T23:59:59.000Z',
});

describe('the plan does not depend on', () => {
  test.each<[string, (desired: DesiredState) => DesiredState, (live: LiveState) => LiveState]>([
    ['the order of nodes, resources and tables', (desired) => desired, reversed],
    ['the order of the file', reversedFile, (live) => live],
  ])('%s', (_what, file, servers) => {
    fc.assert(
      fc.property(anyTransition, fc.boolean(), (transition, prune) => {
        const live = reached(transition);
        const plan = planOf(transition.after, live, { prune });
        expect(planOf(file(transition.after), servers(live), { prune })).toEqual(plan);
      }),
      { numRuns: 30 },
    );
  });
});

test('the id does not depend on positions, lag, rows, sizes, addresses and times', () => {
  fc.assert(
    fc.property(anyTransition, (transition) => {
      const live = reached(transition);
      const plan = planOf(transition.after, live);
      const plannedLater = planOf(transition.after, later(live));
      expect(plannedLater.observed).not.toEqual(plan.observed);
      expect({ ...plannedLater, observed: plan.observed }).toEqual(plan);
    }),
    { numRuns: 30 },
  );
});

const unread = (name: string) => ({
  severity: 'error',
  code: 'UNREACHABLE',
  summary: '',
  detail: `${name} is away`,
  address: `${name}/node.${name}`,
});

test('the id does not depend on which unreachable node failed first', () => {
  const [a, b] = [unread('a'), unread('b')] as const;
  const desired = desiredState(['a', 'b', 'c']);
  const live = liveState(nodeState('c')) as LiveState;
  const plan = (unreadable: object) =>
    planOf(desired, { ...live, unreadable: unreadable as LiveState['unreadable'] });
  expect(plan({ b, a })).toEqual(plan({ a, b }));
});

describe('the id depends on', () => {
  const desired = desiredState(['a']);
  const live = liveState(nodeState('a'));
  const { planId } = planOf(desired, live);

  test.each([
    ['--prune', planOf(desired, live, { prune: true })],
    ['the server', planOf(desired, liveState(nodeState('a', { server: server({ timeline: 2 }) })))],
    ['max_lag', planOf({ ...desired, policy: { ...desired.policy, maxLag: 1 } }, live)],
    ['the file', planOf(desiredState(['a', 'b']), live)],
  ])('%s', (_what, other) => {
    expect(other.planId).not.toBe(planId);
  });
});
