// Reads the manifest of a snapshot from its storage, and refuses what no snapshot of one table twice, or of one file
// twice, can be.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/exit-code.ts';
import { formatName } from '../model/identifier.ts';
import { journalFile, manifestFile, type SnapshotManifest } from '../model/snapshot.ts';
import { parseManifest } from './manifest.ts';
import { checkPath } from './storage/path.ts';
import type { Storage } from './storage/storage.ts';

const largestManifest = 256 * 1024 * 1024;

/** @throws SteepError SNAPSHOT_MISSING, SNAPSHOT_UNFINISHED, SNAPSHOT_FORMAT, SNAPSHOT_DAMAGED, SNAPSHOT_PATH. */
export const readManifest = async (storage: Storage): Promise<SnapshotManifest> => {
  const text = await storage.readText(manifestFile, largestManifest);
  if (text === null) throw await missing(storage);
  const manifest = parseManifest(text, `${storage.location}/${manifestFile}`);
  const files = manifest.tables.flatMap(({ chunks }) => chunks.flatMap(({ file }) => file ?? []));
  for (const file of files) checkPath(file);
  assertOnce(storage, files);
  assertOnce(storage, manifest.tables.map(formatName));
  return manifest;
};

const assertOnce = ({ location }: Storage, names: readonly string[]): void => {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw namedTwice(location, name);
    seen.add(name);
  }
};

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
      `The snapshot in ${storage.location} is not finished: it has a journal and no manifest.`,
      {
        exit: ExitCode.refused,
        suggestions: ['Run the same steep snapshot generate again.'],
      },
    );
  }
  return new SteepError('SNAPSHOT_MISSING', `There is no snapshot in ${storage.location}.`, {
    exit: ExitCode.refused,
    suggestions: [`Name the directory or bucket prefix that holds ${manifestFile}.`],
  });
};
