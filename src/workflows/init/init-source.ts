// The source of a manual initialization, looked at alone: the node that will be filled may not exist yet.

import { readPrepared } from '../../catalog/slots/read-prepared.ts';
import type { PreparedSlot, PublishedNow } from '../../model/copy/manual-init.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { Plan } from '../../model/plan/plan.ts';
import { shellWord } from '../../model/shell-word.ts';
import { addressOf } from '../../model/state/address.ts';
import type { DesiredState, DesiredSubscription, NodeState } from '../../model/state/state.ts';
import { steepCommand } from '../../model/steep-command.ts';
import type { Session } from '../../postgres/session.ts';
import { blocksOf } from '../../run/consent.ts';
import { assertComplete } from '../apply/apply-gate.ts';
import type { OpenNodes } from '../nodes.ts';
import { planNow } from '../plan/plan.ts';
import { readCatalogs } from '../plan/read-live.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { readSentNow } from './init-edge.ts';

export interface Source {
  readonly edge: DesiredSubscription;
  readonly session: Session;
  /** Where steep_repl is. */
  readonly metadata: Session;
  readonly state: NodeState;
  readonly published: PublishedNow;
  /** What was prepared before. */
  readonly prepared: PreparedSlot | null;
}

/** Of the file, the source and what it sends to this edge. */
const sendingPart = (desired: DesiredState, edge: DesiredSubscription): DesiredState => ({
  ...desired,
  nodes: desired.nodes.filter(({ name }) => name === edge.source),
  publications: desired.publications.filter(
    ({ node, name }) => node === edge.source && edge.publications.includes(name),
  ),
  subscriptions: [],
  removed: [],
  renamed: [],
});

/** What a slot decodes, it decodes with the publications that were there when it was made. */
const assertApplied = (plan: Plan, edge: DesiredSubscription): void => {
  assertComplete(plan);
  const blocks = blocksOf(plan);
  if (plan.steps.length === 0 && blocks.length === 0) return;
  const targets = edge.publications.map((name) => addressOf(edge.source, 'publication', name));
  throw new SteepError(
    'INIT_NOT_APPLIED',
    `Node ${edge.source} is not ready to send to ${edge.name}; still missing there: ${[...plan.steps.map(({ id }) => id), ...blocks.map(({ code }) => code)].join(', ')}.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        ['steep apply', ...targets.map((target) => `--target ${shellWord(target)}`)].join(' '),
        'Then run the same command again.',
      ],
    },
  );
};

const assertPublished = (
  { source, publications }: DesiredSubscription,
  { resources }: NodeState,
): void => {
  const missing = publications.find(
    (name) => !resources.some((it) => it.kind === 'publication' && it.name === name),
  );
  if (missing === undefined) return;
  throw new SteepError('OBJECT_NOT_FOUND', `Node ${source} has no publication ${missing}.`, {
    suggestions: [
      `Create it first: ${steepCommand`steep replication pub create ${missing} --tables TABLE,…`}`,
    ],
  });
};

/** @throws SteepError INIT_NOT_APPLIED (exit 3), or why the node cannot be read (exit 7). */
export const readSource = async (
  { desired, connections, withoutFile }: Project,
  edge: DesiredSubscription,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<Source> => {
  const project = { desired: sendingPart(desired, edge), connections };
  // Nothing of it is declared then: what it sends is what is there.
  const isDeclared = withoutFile !== true;
  if (isDeclared)
    assertApplied(await planNow(project, nodes, { prune: false }, runtime, runtime.clock()), edge);
  const live = await readCatalogs(project, nodes, runtime);
  const session = nodes.sessions.get(edge.source);
  const metadata = nodes.metadata.get(edge.source);
  const state = live.nodes[edge.source];
  if (session === undefined || metadata === undefined || state === undefined) {
    throw new Error(`node ${edge.source} is not open`);
  }
  if (!isDeclared) assertPublished(edge, state);
  return {
    edge,
    session,
    metadata,
    state,
    published: await readSentNow(session, state, edge),
    prepared: await readPrepared(metadata, edge.slot),
  };
};
