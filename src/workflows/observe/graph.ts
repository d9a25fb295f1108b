// Graph: the topology of steep.yaml, offline; with `live`, and what the servers say of it.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { graphOf, type TopologyGraph } from '../../model/report/graph.ts';
import { replaceText } from '../files.ts';
import { validateFile } from '../load.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { status } from './status.ts';

export interface GraphResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Null: steep.yaml is not valid. */
  readonly graph: TopologyGraph | null;
}

/** @throws SteepError when steep.yaml cannot be read; a node that cannot be reached is in the graph. */
export const graph = async (
  path: string,
  live: boolean,
  runtime: RuntimeEnvironment,
): Promise<GraphResult> => {
  const { desired, diagnostics } = validateFile(path, runtime);
  if (desired === null || !live) {
    return { diagnostics, graph: desired === null ? null : graphOf(desired, null) };
  }
  const { report, diagnostics: found } = await status(path, runtime);
  return { diagnostics: found, graph: report === null ? null : graphOf(desired, report) };
};

/** Writes the picture. @throws SteepError FILE_UNWRITABLE. */
export const writeImage = async (path: string, image: string): Promise<void> =>
  replaceText(path, image);
