// steep verify: whether the rows of each subscriber are those of its publisher, while both are written to. Reads only; the
// result of an edge is noted on its subscriber, where steep_repl is installed.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { unreadError } from '../../model/plan/exit-of-errors.ts';
import { interruption } from '../../model/plan/interruption.ts';
import {
  type VerificationProgress,
  type VerificationReport,
  type VerifiedEdge,
  type VerifyOutcome,
  verificationFormatVersion,
  worstOutcome,
} from '../../model/report/verification.ts';
import { addressOf } from '../../model/state/address.ts';
import type { DesiredState, DesiredSubscription, LiveState } from '../../model/state/state.ts';
import { matchesAddress } from '../../planner/address-pattern.ts';
import { asDeclared } from '../live-edge.ts';
import { loadFile } from '../load.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import { readCatalogs } from '../plan/read-live.ts';
import { readWanted } from '../plan/wanted-tables.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { assertTablesSent } from './assert-tables-sent.ts';
import { optionsOf } from './make-options.ts';
import { recordVerification } from './record-verification.ts';
import { verifyEdge } from './verify-edge.ts';
import type { VerificationOptions } from './verify-options.ts';

export interface VerificationRequest
  extends Pick<VerificationOptions, 'fast' | 'jobs' | 'settleMs' | 'onRow' | 'signal'> {
  /** Path of steep.yaml. */
  readonly file: string;
  /** Of subscriptions, with `*` in the name; none: all. */
  readonly addresses: readonly string[];
  /** As SQL names them; null: all. */
  readonly tables: readonly string[] | null;
  /** Bytes a second that are read of each node; null: as fast as it goes. */
  readonly maxRate: number | null;
  readonly onProgress: (progress: VerificationProgress) => void;
}

export interface VerifyResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Null: the file is not valid. */
  readonly report: VerificationReport | null;
}

/** How the command ends. */
export const exitOfVerification: { readonly [O in VerifyOutcome]: ExitCode } = {
  equal: ExitCode.done,
  counted: ExitCode.done,
  different: ExitCode.difference,
  unsettled: ExitCode.incomplete,
  unread: ExitCode.incomplete,
};

/**
 * @throws SteepError USAGE (exit 64) where no subscription has such an address, or brings such a table; INTERRUPTED; an
 * edge that cannot be read is in the report.
 */
export const verify = async (
  request: VerificationRequest,
  runtime: RuntimeEnvironment,
): Promise<VerifyResult> => {
  const { topology, diagnostics } = loadFile(request.file, runtime, { skipConnections: true });
  if (topology === null) return { diagnostics, report: null };
  const { desired, connections } = topology;
  const startedAt = runtime.clock();
  const started = runtime.now().toISOString();
  const opened = { applicationName: 'steep verify', readOnly: true, interrupt: request.signal };
  const nodes = await openNodes(desired.nodes, connections, opened, runtime);
  try {
    const edges = await compareEdges(request, topology, nodes, runtime);
    const report = {
      formatVersion: verificationFormatVersion,
      outcome: worstOutcome(edges.map(({ outcome }) => outcome)),
      startedAt: started,
      elapsedMs: Math.round(runtime.clock() - startedAt),
      edges,
    };
    return { diagnostics, report };
  } catch (error) {
    throw request.signal.aborted ? interruption(request.signal, error) : error;
  } finally {
    await nodes.close();
  }
};

const compareEdges = async (
  request: VerificationRequest,
  topology: Project,
  nodes: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<readonly VerifiedEdge[]> => {
  const { desired } = topology;
  const { tables } = readWanted({ tables: request.tables, schemas: null });
  const options = optionsOf(request, runtime, tables);
  const live = await readCatalogs(topology, nodes, runtime);
  const others = undeclared(desired, live);
  const wanted = chosen(request.addresses, desired.subscriptions, others, live);
  const subscriptions = [...desired.subscriptions, ...others];
  const world = { desired: { ...desired, subscriptions }, live, nodes };
  await assertTablesSent(wanted, world, options.tables);
  const edges: VerifiedEdge[] = [];
  for (const subscription of wanted) {
    const edge = await verifyEdge(subscription, world, options);
    const metadata = nodes.metadata.get(edge.node);
    await recordVerification(edge, live.nodes[edge.node], metadata, options.tables === null);
    edges.push(edge);
  }
  return edges;
};

/** Subscriptions that the file does not have, between its nodes. */
const undeclared = (
  { subscriptions }: DesiredState,
  { nodes }: LiveState,
): readonly DesiredSubscription[] => {
  const declared = new Set(subscriptions.map(addressIn));
  return Object.values(nodes)
    .flatMap(({ resources }) => resources.filter((it) => it.kind === 'subscription'))
    .filter(({ address }) => !declared.has(address))
    .flatMap((it) => asDeclared(it) ?? []);
};

const addressIn = ({ node, name }: DesiredSubscription): string =>
  addressOf(node, 'subscription', name);

/** Those of the file; `others` where they are named. */
const chosen = (
  patterns: readonly string[],
  declared: readonly DesiredSubscription[],
  others: readonly DesiredSubscription[],
  { unreadable }: LiveState,
): readonly DesiredSubscription[] => {
  if (patterns.length === 0) return declared;
  const all = [...declared, ...others];
  const unknown = patterns.find(
    (pattern) => !all.some((sub) => matchesAddress(pattern, addressIn(sub))),
  );
  if (unknown === undefined) {
    return all.filter((sub) => patterns.some((it) => matchesAddress(it, addressIn(sub))));
  }
  const [node = ''] = unknown.split('/');
  const message = `The nodes of steep.yaml have no subscription ${unknown}.`;
  if (unreadable[node] !== undefined) throw unreadError(unreadable[node], message);
  throw new SteepError('USAGE', message, {
    exit: ExitCode.usage,
    suggestions: all.map(addressIn),
  });
};
