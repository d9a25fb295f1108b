// One session on the steep_repl of a node, for what neither plans nor takes a run lock.

import { assertMetadataCurrent } from '../../catalog/metadata/read-node-status.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import type { DesiredNode } from '../../model/state/state.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { type OpenNodesOptions, openNodes } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { findPlace, type PlaceRequest } from './place.ts';

interface MetadataUse extends OpenNodesOptions {
  readonly place: PlaceRequest;
  /** What could not be done, in the message of a failure: `using its queue`. */
  readonly doing: string;
  /** Which roles it is done for, where these are not those of an apply. */
  readonly asNode?: (node: DesiredNode) => DesiredNode;
}

/** @throws SteepError USAGE, METADATA_OUTDATED. */
export const withMetadata = async <Report>(
  { place: request, doing, asNode = (it) => it, ...options }: MetadataUse,
  runtime: RuntimeEnvironment,
  body: (metadata: Session, node: string) => Promise<Report>,
): Promise<ReadResult<Report>> => {
  const { place, diagnostics } = await findPlace(request, runtime);
  if (place === null) return { outcome: 'invalid file', diagnostics };
  const { node, project } = place;
  const only = project.desired.nodes.filter(({ name }) => name === node).map(asNode);
  const nodes = await openNodes(only, project.connections, options, runtime);
  try {
    const metadata = nodes.metadata.get(node);
    if (metadata === undefined) {
      return { outcome: 'unreadable', diagnostics: Object.values(nodes.unreadable) };
    }
    await assertMetadataCurrent(metadata);
    return { outcome: 'read', report: await body(metadata, node) };
  } catch (error) {
    throw toFailure(error, { node, doing });
  } finally {
    await nodes.close();
  }
};
