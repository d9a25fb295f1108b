// steep_repl on a node that an operation writes to.

import { readMetadata } from '../../catalog/metadata/read-metadata.ts';
import { runMigrations } from '../../metadata/migrate.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import type { Run, RunNode } from './open-run.ts';

/** Installs or upgrades it; the run lock of the node extends to it. */
export const installMetadataNow = async (
  { name, session, metadata }: RunNode,
  { runtime, identity, patiently }: Run,
): Promise<void> => {
  const { version } = await readMetadata(metadata, name);
  if (version < metadataVersion) {
    await patiently('installing steep_repl', metadata, () =>
      metadata.transaction({}, () =>
        runMigrations(metadata, version, metadataVersion, runtime.steepVersion),
      ),
    );
  }
  await identity.locks.extend(session);
};
