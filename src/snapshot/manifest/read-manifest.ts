// Reads the manifest of a snapshot from its storage, and refuses one that names a table or a file twice, or a table that
// no snapshot holds: of PostgreSQL itself, or of steep_repl.

import { createHash, type KeyObject } from 'node:crypto';
import { SteepError } from '../../model/errors.ts';
import { formatName, isReservedSchema, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import {
  journalFile,
  manifestFile,
  type SnapshotChunk,
  type SnapshotManifest,
} from '../../model/snapshot/snapshot.ts';
import { checkPath } from '../storage/path.ts';
import type { Storage } from '../storage/storage.ts';
import { parseManifest } from './manifest.ts';
import { chunksByFile, isComplete } from './shared-files.ts';
import { assertSigned } from './signature.ts';

const largestManifest = 256 * 1024 * 1024;

/** What a snapshot must be before anything of it is believed. */
export interface ManifestTrust {
  /** SHA-256 of the bytes of manifest.json, in hexadecimal; null: any. */
  readonly expectSha256: string | null;
  /** Of the required signer; null if no signature is required. */
  readonly publicKey: KeyObject | null;
}

/** Nothing is asked of it. */
export const anything: ManifestTrust = { expectSha256: null, publicKey: null };

export interface ReadManifest {
  readonly manifest: SnapshotManifest;
  /** Of the bytes of manifest.json, in hexadecimal. */
  readonly sha256: string;
}

/** @throws SteepError as readTrustedManifest does, for one that nothing is asked of. */
export const readManifest = async (storage: Storage): Promise<SnapshotManifest> =>
  (await readTrustedManifest(storage, anything)).manifest;

/**
 * @throws SteepError SNAPSHOT_MISSING, SNAPSHOT_UNFINISHED, SNAPSHOT_FORMAT, SNAPSHOT_DAMAGED, SNAPSHOT_PATH; and before
 * the manifest is parsed, SNAPSHOT_NOT_EXPECTED, SNAPSHOT_SIGNATURE_MISSING, SNAPSHOT_SIGNATURE_WRONG.
 */
export const readTrustedManifest = async (
  storage: Storage,
  { expectSha256, publicKey }: ManifestTrust,
): Promise<ReadManifest> => {
  const text = await storage.readText(manifestFile, largestManifest);
  if (text === null) throw await missing(storage);
  const sha256 = createHash('sha256').update(text).digest('hex');
  if (expectSha256 !== null && sha256 !== expectSha256.toLowerCase()) {
    throw notExpected(storage, sha256, expectSha256);
  }
  if (publicKey !== null) await assertSigned(storage, text, publicKey);
  return { manifest: checked(storage, text), sha256 };
};

const checked = (storage: Storage, text: string): SnapshotManifest => {
  const manifest = parseManifest(text, `${storage.location}/${manifestFile}`);
  const chunks = manifest.tables.flatMap((table) => table.chunks.map((stored) => ({ stored })));
  for (const [file, within] of chunksByFile(chunks)) {
    checkPath(file);
    if (!isComplete(within)) throw notWhole(storage.location, file, within);
  }
  assertOnce(storage, manifest.tables.map(formatName));
  assertOfUsers(storage, [
    ...manifest.tables,
    ...(manifest.definitions?.tables ?? []).map(({ name }) => name),
    ...(manifest.definitions?.sequences ?? []).map(({ name }) => name),
    ...(manifest.definitions?.objects ?? []),
  ]);
  return manifest;
};

/** Anyone who can write to the folder would otherwise change catalogs of the target, or what steep remembers there. */
const assertOfUsers = ({ location }: Storage, names: readonly QualifiedName[]): void => {
  const reserved = names.find(({ schema }) => isReservedSchema(schema));
  if (reserved === undefined) return;
  throw new SteepError(
    'SNAPSHOT_DAMAGED',
    `${location}/${manifestFile} names ${formatName(reserved)}: its schema belongs to PostgreSQL or to steep, and is never part of a snapshot. The manifest was changed.`,
    {
      exit: ExitCode.refused,
      suggestions: ['Find out who can write to that location, and generate the snapshot again.'],
    },
  );
};

const notExpected = ({ location }: Storage, found: string, expected: string): SteepError =>
  new SteepError(
    'SNAPSHOT_NOT_EXPECTED',
    `${location}/${manifestFile} has the SHA-256 ${found}, and ${expected} is expected: it is another snapshot, or it was changed.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Get the snapshot again from the machine that made it. Change the expected value only if this snapshot is the right one.',
      ],
    },
  );

const assertOnce = ({ location }: Storage, names: readonly string[]): void => {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw namedTwice(location, name);
    seen.add(name);
  }
};

const notWhole = (
  location: string,
  file: string,
  within: readonly { readonly stored: SnapshotChunk }[],
): SteepError =>
  within.some(({ stored }) => stored.offset === undefined)
    ? namedTwice(location, file)
    : new SteepError(
        'SNAPSHOT_DAMAGED',
        `${location}/${manifestFile} is damaged: the parts that it names of ${file} overlap, or leave some of it out.`,
        { exit: ExitCode.refused, suggestions: ['Generate the snapshot again.'] },
      );

const namedTwice = (location: string, name: string): SteepError =>
  new SteepError(
    'SNAPSHOT_DAMAGED',
    `${location}/${manifestFile} is damaged: it names ${name} twice.`,
    { exit: ExitCode.refused, suggestions: ['Generate the snapshot again.'] },
  );

const missing = async (storage: Storage): Promise<SteepError> => {
  for await (const _line of storage.readLines(journalFile)) {
    return new SteepError(
      'SNAPSHOT_UNFINISHED',
      `The snapshot in ${storage.location} is not finished: it has a journal but no manifest.`,
      {
        exit: ExitCode.refused,
        suggestions: ['Run the same steep snapshot generate again.'],
      },
    );
  }
  return new SteepError('SNAPSHOT_MISSING', `No snapshot was found in ${storage.location}.`, {
    exit: ExitCode.refused,
    suggestions: [`Name the directory or bucket prefix that holds ${manifestFile}.`],
  });
};
