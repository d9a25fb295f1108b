// steep snapshot show and verify: what a snapshot says of itself, and whether it is so. Read-only.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { UnreadNodes } from '../../model/report/read-result.ts';
import type { SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import { summarizeSnapshot, totalsOf } from '../../model/snapshot/snapshot-record.ts';
import { formatVersion } from '../../postgres/versions.ts';
import { readManifest, readTrustedManifest } from '../../snapshot/manifest/read-manifest.ts';
import { isSigned } from '../../snapshot/manifest/signature.ts';
import { type FileFault, findFaults, type VerifyOptions } from '../../snapshot/verify.ts';
import type { NodeChoice } from '../chosen-nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { trustFrom } from './snapshot-keys.ts';
import { isReachable, isSnapshotId, withStorage } from './snapshot-place.ts';
import { chooseRecord, findRecords } from './snapshot-records.ts';

export interface ShowRequest {
  readonly file: string;
  /** A place, or the id of one that is on record. */
  readonly snapshot: string;
  /** Where an id is looked for. Null: on every node of the file. */
  readonly node: NodeChoice | null;
}

export type ShowSnapshotResult =
  | {
      readonly outcome: 'read';
      readonly location: string;
      readonly manifest: SnapshotManifest;
      /** Of the source, as `18.4`. */
      readonly version: string;
    }
  | UnreadNodes;

/** @throws SteepError SNAPSHOT_UNKNOWN, SNAPSHOT_ELSEWHERE, and what reading a manifest throws. */
export const showSnapshot = async (
  request: ShowRequest,
  runtime: RuntimeEnvironment,
): Promise<ShowSnapshotResult> => {
  const { snapshot } = request;
  if (!isSnapshotId(snapshot)) return showAt(snapshot);
  const found = await findRecords(request, runtime);
  if (found.outcome !== 'read') return found;
  const { diagnostics, records } = found;
  const isThere = records.some(({ record }) => record.snapshotId === snapshot);
  if (!isThere && diagnostics.length > 0) return { outcome: 'unreadable', diagnostics };
  const { record } = chooseRecord(snapshot, records);
  if (!isReachable(record.location)) throw elsewhere(snapshot, record.location);
  return showAt(record.location);
};

const showAt = (place: string): Promise<ShowSnapshotResult> =>
  withStorage(place, async (storage) => {
    const manifest = await readManifest(storage);
    const version = formatVersion(manifest.source.serverVersion);
    return { outcome: 'read', location: storage.location, manifest, version };
  });

const elsewhere = (id: string, location: string): SteepError =>
  new SteepError(
    'SNAPSHOT_ELSEWHERE',
    `Snapshot ${id} is in ${location} on the machine that made it, which is not this one.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Run this command there, or name the directory that it was copied to.',
        'To see its record: steep snapshot list --json',
      ],
    },
  );

export interface VerifyReport {
  readonly snapshotId: string;
  readonly location: string;
  readonly whole: boolean;
  /** Of the bytes of manifest.json, in hexadecimal: it pins every file. */
  readonly manifestSha256: string;
  /** `verified`: by the key that was given; `present`: no key was given to verify it with. */
  readonly signature: 'verified' | 'present' | 'none';
  readonly tables: number;
  readonly rows: number;
  readonly storedBytes: number;
  readonly faults: readonly FileFault[];
}

export interface VerifyRequest extends VerifyOptions {
  /** The SHA-256 that the manifest must have; null: any. */
  readonly expectSha256: string | null;
  /** A file with the public key of the required signer; null if no signature is required. */
  readonly verifyWith: string | null;
}

/** Reads and hashes every file. @throws SteepError INTERRUPTED, SNAPSHOT_KEY, and as readTrustedManifest() does. */
export const verifyStored = (place: string, options: VerifyRequest): Promise<VerifyReport> =>
  withStorage(place, async (storage) => {
    const trust = await trustFrom(options.expectSha256, options.verifyWith);
    const { manifest, sha256 } = await readTrustedManifest(storage, trust);
    const unproven = (await isSigned(storage)) ? 'present' : 'none';
    const faults = await findFaults(storage, manifest, options);
    const { rows, storedBytes } = totalsOf(summarizeSnapshot(manifest));
    return {
      snapshotId: manifest.snapshotId,
      location: storage.location,
      whole: faults.length === 0,
      manifestSha256: sha256,
      signature: trust.publicKey === null ? unproven : 'verified',
      tables: manifest.tables.length,
      rows,
      storedBytes,
      faults,
    };
  });
