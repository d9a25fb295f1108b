// steep verify: whether the rows of each subscriber are those of its publisher, while both are written to. Reads only; the
// result of an edge is noted on its subscriber, where steep_repl is installed.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
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
import type { DesiredState, DesiredSubscription } from '../../model/state/state.ts';
import { matchesAddress } from '../../planner/address-pattern.ts';
import { loadFile } from '../load.ts';
import { openNodes } from '../nodes.ts';
import { readCatalogs } from '../plan/read-live.ts';
import { readWanted } from '../plan/wanted-tables.ts';
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
  const wanted = chosen(request.addresses, desired);
  const { tables } = readWanted({ tables: request.tables, schemas: null });
  const options = optionsOf(request, runtime, tables);
  const startedAt = runtime.clock();
  const started = runtime.now().toISOString();
  const opened = { applicationName: 'steep verify', readOnly: true, interrupt: request.signal };
  const nodes = await openNodes(desired.nodes, connections, opened, runtime);
  try {
    const live = await readCatalogs(topology, nodes, runtime);
    await assertTablesSent(wanted, { desired, live, nodes }, options.tables);
    const edges: VerifiedEdge[] = [];
    for (const subscription of wanted) {
      const edge = await verifyEdge(subscription, { desired, live, nodes }, options);
      const metadata = nodes.metadata.get(edge.node);
      await recordVerification(edge, live.nodes[edge.node], metadata, options.tables === null);
      edges.push(edge);
    }
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

const chosen = (
  addresses: readonly string[],
  { subscriptions }: DesiredState,
): readonly DesiredSubscription[] => {
  const addressed = subscriptions.map((subscription) => ({
    subscription,
    address: addressOf(subscription.node, 'subscription', subscription.name),
  }));
  const unknown = addresses.find(
    (pattern) => !addressed.some(({ address }) => matchesAddress(pattern, address)),
  );
  if (unknown !== undefined) {
    throw new SteepError('USAGE', `steep.yaml has no subscription ${unknown}.`, {
      exit: ExitCode.usage,
      suggestions: addressed.map(({ address }) => address),
    });
  }
  const isChosen = (address: string): boolean =>
    addresses.length === 0 || addresses.some((pattern) => matchesAddress(pattern, address));
  return addressed.flatMap(({ address, subscription }) =>
    isChosen(address) ? [subscription] : [],
  );
};
