// Notes in steep_repl that a node was seen now. It takes no run lock: whoever works on the node may say so meanwhile.

import { SteepError } from '../../model/errors.ts';
import type { ReadResult } from '../../model/report/read-result.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import type { PlaceRequest } from './place.ts';
import { withMetadata } from './with-metadata.ts';

/** @throws SteepError OBJECT_NOT_FOUND for a node that is not registered, METADATA_OUTDATED. */
export const heartbeat = (
  place: PlaceRequest,
  runtime: RuntimeEnvironment,
): Promise<ReadResult<{ readonly node: string; readonly seen: true }>> => {
  const applicationName = 'steep node heartbeat';
  const use = { place, applicationName, readOnly: false, doing: 'noting that it was seen' };
  return withMetadata(use, runtime, async (metadata, node) => {
    const [found] = await metadata.query<{ readonly seen: boolean }>(
      sql`SELECT steep_repl.heartbeat(${node}) AS seen`,
    );
    if (found?.seen === true) return { node, seen: true };
    throw new SteepError('OBJECT_NOT_FOUND', `Node ${node} is not registered.`, {
      suggestions: [`Register it: ${steepCommand`steep node register ${node}`}`],
    });
  });
};
