// Notes in steep_repl that a node was seen now. It takes no run lock: whoever works on the node may say so meanwhile.

import { assertMetadataCurrent } from '../../catalog/metadata/read-node-status.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { toFailure } from '../../postgres/failures.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { openNodes } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { findPlace, type PlaceRequest } from './place.ts';

export type HeartbeatResult =
  | { readonly outcome: 'read'; readonly report: { readonly node: string; readonly seen: true } }
  | {
      readonly outcome: 'invalid file' | 'unreadable';
      readonly diagnostics: readonly Diagnostic[];
    };

/** @throws SteepError OBJECT_NOT_FOUND for a node that is not registered, METADATA_OUTDATED. */
export const heartbeat = async (
  request: PlaceRequest,
  runtime: RuntimeEnvironment,
): Promise<HeartbeatResult> => {
  const { place, diagnostics } = await findPlace(request, runtime);
  if (place === null) return { outcome: 'invalid file', diagnostics };
  const { node, project } = place;
  const { desired, connections } = project;
  const only = desired.nodes.filter(({ name }) => name === node);
  const opened = { applicationName: 'steep node heartbeat', readOnly: false };
  const nodes = await openNodes(only, connections, opened, runtime);
  try {
    const metadata = nodes.metadata.get(node);
    if (metadata === undefined) {
      return { outcome: 'unreadable', diagnostics: Object.values(nodes.unreadable) };
    }
    await assertMetadataCurrent(metadata);
    const [found] = await metadata.query<{ readonly seen: boolean }>(
      sql`SELECT steep_repl.heartbeat(${node}) AS seen`,
    );
    if (found?.seen !== true) {
      throw new SteepError('OBJECT_NOT_FOUND', `Node ${node} is not registered.`, {
        suggestions: [`Register it: ${steepCommand`steep node register ${node}`}`],
      });
    }
    return { outcome: 'read', report: { node, seen: true } };
  } catch (error) {
    throw toFailure(error, { node, doing: 'noting that it was seen' });
  } finally {
    await nodes.close();
  }
};
