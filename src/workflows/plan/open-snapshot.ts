// A snapshot on storage, from its location as steep.yaml says it.

import { resolve } from 'node:path';
import { openStorage } from '../../snapshot/storage/open-storage.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import { isFolder } from '../../topology/resolve/snapshot-location.ts';
import type { Project } from '../project.ts';

/** @throws SteepError where nothing is there, or does not answer. */
export const openSnapshot = (
  { folder = '.' }: Pick<Project, 'folder'>,
  location: string,
): Promise<Storage> =>
  openStorage(isFolder(location) ? resolve(folder, location) : location, { create: false });
