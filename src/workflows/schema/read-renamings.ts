// What a source has renamed since its tables were recorded: its record beside what it is now.

import { noRenamings, type Renamings } from '../../model/schema/renaming.ts';
import type { SentTable } from '../../model/schema/schema-change.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { renamingsBetween } from '../../planner/schema/renamings-between.ts';
import { readCatalogIds, readRecordedIds } from '../../schema/catalog-ids.ts';
import type { OpenNodes } from '../nodes.ts';
import { recordsSince } from './read-schemas.ts';

export const readRenamings = async (
  source: NodeName,
  sent: readonly SentTable[],
  { nodes: states }: LiveState,
  { sessions, metadata }: OpenNodes,
): Promise<Renamings> => {
  const [session, keeper] = [sessions.get(source), metadata.get(source)];
  const since = states[source]?.server.metadataVersion ?? 0;
  if (session === undefined || keeper === undefined || since < recordsSince) return noRenamings;
  const tables = sent.map(({ table }) => table);
  const recorded = await readRecordedIds(keeper, source, tables);
  return recorded.length === 0
    ? noRenamings
    : renamingsBetween(recorded, await readCatalogIds(session, tables));
};
