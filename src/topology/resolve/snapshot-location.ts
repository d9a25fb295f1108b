// Where things are, as seen from the folder of the root file: the same wherever it was checked out.

import { posix } from 'node:path';
import type { DesiredSubscription } from '../../model/state/state.ts';
import type { Path, SourceDocument } from '../parse/source-document.ts';
import type { EdgeBlock, Topology } from '../topology.ts';

/** The file that a block is in. */
export const placedFile = (document: SourceDocument, path: Path): string => {
  const { file } = document.keyAt(path);
  const home = `${posix.dirname(posix.normalize(document.file))}/`;
  return file.startsWith(home) ? file.slice(home.length) : file;
};

/** Whether a location of a snapshot is a folder, and not in a bucket. */
export const isFolder = (location: string): boolean => !/^[a-z0-9]+:\/\//.test(location);

/** Where the key `init.snapshot` of a subscription is: its own, or that of the defaults. */
export const snapshotPath = ({ subscription: { init }, path }: EdgeBlock): Path => [
  ...(init?.snapshot === undefined ? ['defaults'] : path),
  'init',
  'snapshot',
];

/** The files that fill a subscription; nothing of one that is filled in another way. */
export const snapshotOf = (
  { document, file: { defaults } }: Topology,
  block: EdgeBlock,
): Pick<DesiredSubscription, 'snapshot' | 'snapshotSha256'> => {
  const settings = { ...defaults?.init, ...block.subscription.init };
  const { method, snapshot, expect_sha256: expected } = settings;
  if (method !== 'two_phase' || snapshot === undefined || block.pair !== null) return {};
  const pin = expected === undefined ? {} : { snapshotSha256: expected.toLowerCase() };
  if (posix.isAbsolute(snapshot) || !isFolder(snapshot)) return { snapshot, ...pin };
  const folder = posix.dirname(placedFile(document, snapshotPath(block)));
  return { snapshot: posix.join(folder, snapshot), ...pin };
};
