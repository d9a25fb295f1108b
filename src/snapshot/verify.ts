// Compares the files of a snapshot with its manifest: every one is read and hashed, and none may be there in addition.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { interruption } from '../model/plan/interruption.ts';
import {
  journalFile,
  manifestFile,
  type SnapshotManifest,
  schemaFile,
  sequencesFile,
  signatureFile,
} from '../model/snapshot/snapshot.ts';
import { steepCommand } from '../model/steep-command.ts';
import { chunksByFile, type FilePiece, piecesOf, sizeOf } from './manifest/shared-files.ts';
import type { Storage, StoredFile } from './storage/storage.ts';
import { hasPieces } from './stream/hash-file.ts';
import { sideBySide } from './stream/side-by-side.ts';

export interface VerifyOptions {
  /** Files that are read in parallel. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface FileFault {
  readonly path: string;
  /** As in `is missing`. */
  readonly fault: string;
}

/** Every file that is not what the manifest says, by path. Empty: the snapshot is whole. */
export const findFaults = async (
  storage: Storage,
  manifest: SnapshotManifest,
  options: VerifyOptions,
): Promise<readonly FileFault[]> => {
  const expected = expectedFiles(manifest);
  const found = await listAll(storage);
  const faults: FileFault[] = [...strangers(found, expected)];
  const sound: string[] = [];
  for (const [path, pieces] of expected) {
    const fault = placeFault(found.get(path), sizeOf(pieces));
    if (fault === null) sound.push(path);
    else faults.push({ path, fault });
  }
  let bytesDone = 0;
  const bytesTotal = [...expected.values()].reduce((sum, pieces) => sum + sizeOf(pieces), 0);
  const onBytes = (bytes: number): void => {
    bytesDone += bytes;
    options.onProgress({ bytesDone, bytesTotal });
  };
  await sideBySide(sound, options.jobs, async (path) => {
    const pieces = expected.get(path) ?? [];
    const isSame = await hasContent(storage, path, pieces, { signal: options.signal, onBytes });
    if (!isSame) faults.push({ path, fault: 'has other content than was written' });
  });
  return faults.toSorted((a, b) => (a.path < b.path ? -1 : 1));
};

/** @throws SteepError SNAPSHOT_DAMAGED naming every file that is not what the manifest says. */
export const verifySnapshot = async (
  storage: Storage,
  manifest: SnapshotManifest,
  options: VerifyOptions,
): Promise<void> => {
  const faults = await findFaults(storage, manifest, options);
  if (faults.length === 0) return;
  const named = faults.slice(0, namedAtMost).map(({ path, fault }) => `${path} ${fault}`);
  const more = faults.length > namedAtMost ? `; and ${faults.length - namedAtMost} more` : '';
  throw new SteepError(
    'SNAPSHOT_DAMAGED',
    `The snapshot in ${storage.location} is damaged: ${named.join('; ')}${more}.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Copy these files again from an intact copy, and remove files that do not belong to the snapshot.',
        `All of them: ${steepCommand`steep snapshot verify --input ${storage.location}`}`,
      ],
    },
  );
};

const namedAtMost = 20;

/** Path → what is written there, piece by piece. */
export const expectedFiles = (
  manifest: SnapshotManifest,
): ReadonlyMap<string, readonly FilePiece[]> => {
  const chunks = manifest.tables.flatMap((table) => table.chunks.map((stored) => ({ stored })));
  return new Map([
    [schemaFile, [manifest.schema]],
    [sequencesFile, [manifest.sequences]],
    ...[...chunksByFile(chunks)].map(([file, within]) => [file, piecesOf(within)] as const),
  ]);
};

const listAll = async (storage: Storage): Promise<ReadonlyMap<string, StoredFile>> => {
  const found = new Map<string, StoredFile>();
  for await (const file of storage.list('')) found.set(file.path, file);
  return found;
};

/** The journal stays beside the manifest, and says nothing more; the signature names no file. */
const own: ReadonlySet<string> = new Set([manifestFile, journalFile, signatureFile]);

const strangers = (
  found: ReadonlyMap<string, StoredFile>,
  expected: ReadonlyMap<string, unknown>,
): readonly FileFault[] =>
  [...found.values()]
    .filter(({ path }) => !expected.has(path))
    .flatMap(({ path, kind }) => {
      if (kind !== 'file') return [{ path, fault: noFile[kind] }];
      return own.has(path) ? [] : [{ path, fault: 'does not belong to the snapshot' }];
    });

const noFile = {
  partial: 'was left behind by an interrupted write',
  link: 'is a link',
  other: 'is not a file',
} as const;

const placeFault = (file: StoredFile | undefined, bytes: number): string | null => {
  if (file === undefined) return 'is missing';
  if (file.kind !== 'file') return noFile[file.kind];
  return file.bytes === bytes ? null : `has ${file.bytes} bytes instead of ${bytes}`;
};

const hasContent = async (
  storage: Storage,
  path: string,
  pieces: readonly FilePiece[],
  reading: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<boolean> => {
  const { signal } = reading;
  try {
    return await hasPieces(storage, path, pieces, reading);
  } catch (error) {
    throw signal.aborted ? interruption(signal, error) : error;
  }
};
