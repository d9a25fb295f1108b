// Folders of snapshots that are outside of the project: the author of a file could name any folder of the machine.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { formatPath } from '../parse/source-document.ts';
import { isFolder, snapshotOf, snapshotPath } from '../resolve/snapshot-location.ts';
import { edgeBlocksOf, type Topology } from '../topology.ts';

/** @param isOutside of a path from the folder of the root file, where that is not allowed. */
export const validateSnapshots = (
  topology: Topology,
  isOutside: (path: string) => boolean,
): readonly Diagnostic[] =>
  edgeBlocksOf(topology.file).flatMap((block) => {
    const { snapshot } = snapshotOf(topology, block);
    if (snapshot === undefined || !isFolder(snapshot) || !isOutside(snapshot)) return [];
    const path = snapshotPath(block);
    return [
      finding(
        'SNAPSHOT_OUTSIDE',
        `${formatPath(path)} of subscription ${block.name} is a directory outside that of steep.yaml, from which nothing is read unless the command line allows it.`,
        topology.document.valueAt(path),
        ['Check that the snapshot is yours, and give --include-outside.'],
      ),
    ];
  });
