// References to nodes that the file does not define.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import type { Path } from '../parse/source-document.ts';
import type { Topology } from '../topology.ts';
import { didYouMean } from './did-you-mean.ts';

/** A fault where `node`, which is at `path`, is not one of the file's. */
export const unknownNode = (
  { document, file }: Topology,
  path: Path,
  node: string,
): readonly Diagnostic[] =>
  Object.hasOwn(file.nodes, node)
    ? []
    : [
        finding(
          'UNKNOWN_NODE',
          `${path[1]}: there is no node \`${node}\`.`,
          document.valueAt(path),
          didYouMean(node, Object.keys(file.nodes)),
        ),
      ];
