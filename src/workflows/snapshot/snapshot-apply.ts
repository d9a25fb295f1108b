// steep snapshot apply: a run of apply on the subscriptions of a node that a snapshot on storage can fill, with the
// snapshot in place of what the file says of their initial copy.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import { type Address, addressOf } from '../../model/state/address.ts';
import type { DesiredState } from '../../model/state/state.ts';
import { type ReadManifest, readTrustedManifest } from '../../snapshot/manifest/read-manifest.ts';
import { didYouMean } from '../../topology/validate/did-you-mean.ts';
import { apply } from '../apply/apply.ts';
import type { ApplyRequest, ApplyResult } from '../apply/apply-request.ts';
import { loadFile } from '../load.ts';
import { openSnapshot } from '../plan/open-snapshot.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { trustFrom } from './snapshot-keys.ts';

export interface LocatedSnapshot {
  readonly node: string;
  /** Absolute, or a bucket. */
  readonly location: string;
  /** The SHA-256 that its manifest must have; null: any. */
  readonly expectSha256: string | null;
}

const usage = (message: string, suggestions: readonly string[]): SteepError =>
  new SteepError('USAGE', message, { exit: ExitCode.usage, suggestions });

const readFrom = async (
  { location, expectSha256 }: LocatedSnapshot,
  { verifyWith }: RuntimeEnvironment,
): Promise<ReadManifest> => {
  const trust = await trustFrom(expectSha256, verifyWith);
  const storage = await openSnapshot({}, location);
  try {
    return await readTrustedManifest(storage, trust);
  } finally {
    await storage.close();
  }
};

/** Whatever else the node subscribes to is none of this snapshot's business. */
const chosen = (
  node: string,
  { publications, snapshotId }: SnapshotManifest,
  { subscriptions }: DesiredState,
): readonly Address[] => {
  const found = subscriptions.filter(
    (sub) =>
      sub.node === node &&
      sub.pair === null &&
      sub.publications.every((name) => publications.includes(name)),
  );
  if (found.length > 0) return found.map(({ name }) => addressOf(node, 'subscription', name));
  throw usage(
    `steep.yaml has no subscription of node ${node} that snapshot ${snapshotId} can fill.`,
    publications.length === 0
      ? ['It was made without publications: steep snapshot generate --publication NAME']
      : [`It has the tables of publication ${publications.join(', ')}.`],
  );
};

/** @throws SteepError USAGE, and why the snapshot cannot be read, before anything was planned. */
export const snapshotApply = async (
  choice: LocatedSnapshot,
  request: Omit<ApplyRequest, 'planFile' | 'expectPlanId'>,
  runtime: RuntimeEnvironment,
): Promise<ApplyResult> => {
  const { node, location } = choice;
  const { topology, diagnostics } = loadFile(request.file, runtime);
  if (topology === null) return { diagnostics, plan: null, report: null, declined: false };
  const names = topology.desired.nodes.map(({ name }) => name);
  if (!names.includes(node))
    throw usage(`steep.yaml has no node ${node}.`, didYouMean(node, names));
  const { manifest, sha256: fromSnapshotSha256 } = await readFrom(choice, runtime);
  const target = chosen(node, manifest, topology.desired);
  // What was read now is what is loaded later.
  const options = { ...request.options, target, fromSnapshot: location, fromSnapshotSha256 };
  return apply({ ...request, options, planFile: null, expectPlanId: null }, runtime);
};
