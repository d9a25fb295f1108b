// What roles need to apply a file: for the plan of what is there now, and for the one as if nothing were there yet.

import type {
  DesiredState,
  DesiredSubscription,
  LiveState,
  NodeState,
} from '../../model/state/state.ts';
import { leavesLargeTables } from '../facts/large-tables.ts';
import { initMethods } from '../init/methods/index.ts';
import { planSteps } from '../make-plan.ts';
import { eachOnce, type RequiredRight } from '../rights/required-right.ts';
import { type Grantee, requiredRights } from '../rights/required-rights.ts';

export const topologyRights = (
  desired: DesiredState,
  live: LiveState,
  grantee?: Grantee,
): readonly RequiredRight[] => {
  const fresh = asIfFresh(live);
  const plans = [
    planSteps(desired, live, { prune: true }),
    planSteps(asCopied(desired), fresh, { prune: false }),
    ...(desired.subscriptions.some(mayBeManual)
      ? [planSteps(asRestored(desired), fresh, { prune: false })]
      : []),
  ];
  return eachOnce(plans.flatMap(({ steps, context }) => requiredRights(steps, context, grantee)));
};

/** Servers with empty tables, and with nothing that replicates. steep_repl stays: who made it decides who may use it. */
const asIfFresh = ({ tooNew: _tooNew, snapshots: _snapshots, ...live }: LiveState): LiveState => ({
  ...live,
  nodes: Object.fromEntries(
    Object.values(live.nodes).map((state) => [state.node, nothingReplicates(state)]),
  ),
});

const lasting: ReadonlySet<string> = new Set(['metadata', 'node', 'identity']);

const nothingReplicates = (state: NodeState): NodeState => ({
  node: state.node,
  server: state.server,
  tables: state.tables.map((table) => ({ ...table, hasRows: false })),
  ownership: state.ownership,
  resources: state.resources.filter(({ kind }) => lasting.has(kind)),
  orphanSlots: [],
  foreignSlots: [],
  missing: [],
  applied: [],
  pace: state.pace,
});

/** Whatever the size of its tables is then, and whether there is a snapshot. */
const asCopied = (desired: DesiredState): DesiredState => ({
  ...desired,
  renamed: [],
  subscriptions: desired.subscriptions.map(
    ({ largeTables: _large, snapshot: _snapshot, ...sub }): DesiredSubscription => ({
      ...sub,
      init: initMethods[sub.init].rightsOf,
    }),
  ),
});

const mayBeManual = ({ init, largeTables }: DesiredSubscription): boolean =>
  initMethods[init].awaitsUser || leavesLargeTables(largeTables);

/** As `steep init complete` plans it, after a physical copy. */
const asRestored = (desired: DesiredState): DesiredState => {
  const restored = { proof: 'position', startsAt: '0/1', formerNodes: [] } as const;
  return {
    ...asCopied(desired),
    subscriptions: desired.subscriptions.map((sub) =>
      mayBeManual(sub) ? { ...sub, init: 'manual', restored } : sub,
    ),
  };
};
