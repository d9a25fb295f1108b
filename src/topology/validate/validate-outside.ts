// Snapshots and decisions that are outside of the project: the author of a file could name any place of the machine.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { formatPath, type Path } from '../parse/source-document.ts';
import { pairsOf } from '../resolve/pairs.ts';
import { isFolder, snapshotOf, snapshotPath } from '../resolve/snapshot-location.ts';
import { edgeBlocksOf, type Topology } from '../topology.ts';

/** @param isOutside of a path from the folder of the root file, where that is not allowed. */
export const validateOutside = (
  topology: Topology,
  isOutside: (path: string) => boolean,
): readonly Diagnostic[] => {
  const { document, file } = topology;
  const found = (code: Code, path: Path, whose: string): Diagnostic =>
    finding(
      code,
      `${formatPath(path)} of ${whose} is outside the directory of steep.yaml, from which nothing is read unless the command line allows it.`,
      document.valueAt(path),
      [`Check that ${whats[code]} yours, and give --include-outside.`],
    );
  const snapshots = edgeBlocksOf(file).flatMap((block) => {
    const { snapshot } = snapshotOf(topology, block);
    if (snapshot === undefined || !isFolder(snapshot) || !isOutside(snapshot)) return [];
    return [found('SNAPSHOT_OUTSIDE', snapshotPath(block), `subscription ${block.name}`)];
  });
  const decisions = pairsOf(file).flatMap(([name, { init }]) => {
    const path = init?.decisions;
    if (path === undefined || !isOutside(path)) return [];
    return [found('DECISIONS_OUTSIDE', ['pairs', name, 'init', 'decisions'], `pair ${name}`)];
  });
  return [...snapshots, ...decisions];
};

const whats = { SNAPSHOT_OUTSIDE: 'the snapshot is', DECISIONS_OUTSIDE: 'the file is' } as const;
type Code = keyof typeof whats;
