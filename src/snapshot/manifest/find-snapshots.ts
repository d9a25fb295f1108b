// Finds the snapshots below a location by the names of their files. Opens none of them.

import {
  journalFile,
  manifestFile,
  schemaFile,
  sequencesFile,
} from '../../model/snapshot/snapshot.ts';
import type { Storage } from '../storage/storage.ts';

export interface FoundSnapshot {
  /** Below the location; `''`: the location itself. */
  readonly folder: string;
  readonly kind: 'finished' | 'unfinished';
}

/** In no order. A manifest.json of something else, with nothing of a snapshot next to it, is none. */
export const findSnapshots = async (storage: Storage): Promise<readonly FoundSnapshot[]> => {
  const manifests = new Set<string>();
  const journals = new Set<string>();
  const others = new Set<string>();
  for await (const { path, kind } of storage.list('')) {
    if (kind !== 'file') continue;
    const { folder, name } = split(path);
    if (name === manifestFile) manifests.add(folder);
    else if (name === journalFile) journals.add(folder);
    else if (name === schemaFile || name === sequencesFile) others.add(folder);
    const data = dataFolder.exec(path)?.[1];
    if (data !== undefined) others.add(data.replace(/\/$/, ''));
  }
  const finished = [...manifests].filter((folder) => journals.has(folder) || others.has(folder));
  const unfinished = [...journals].filter((folder) => !manifests.has(folder));
  const found = [
    ...finished.map((folder): FoundSnapshot => ({ folder, kind: 'finished' })),
    ...unfinished.map((folder): FoundSnapshot => ({ folder, kind: 'unfinished' })),
  ];
  return found.filter(({ folder }) => !found.some((other) => isInside(folder, other.folder)));
};

/** `2026/jan/data/public.orders/0.bin` → `2026/jan/`. */
const dataFolder = /^(.*?)data\/[^/]+\/[^/]+$/;

const split = (path: string): { readonly folder: string; readonly name: string } => {
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
};

/** Among the rows of another one. */
const isInside = (folder: string, other: string): boolean =>
  folder.startsWith(other === '' ? 'data/' : `${other}/data/`);
