// What a source has renamed since its tables were recorded: its record beside what it is now.

import { noRenamings, type Renamings } from '../../model/schema/renaming.ts';
import type { SentTable } from '../../model/schema/schema-change.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { renamingsBetween } from '../../planner/schema/renamings-between.ts';
import type { Session } from '../../postgres/session.ts';
import { haveRecordedColumns, readCatalogIds, readRecordedIds } from '../../schema/catalog-ids.ts';
import type { OpenNodes } from '../nodes.ts';
import { recordsSince } from './read-schemas.ts';

/** Both sessions of a source whose steep_repl keeps records; null: it has none. */
const sessionsOf = (
  source: NodeName,
  { nodes: states }: LiveState,
  { sessions, metadata }: OpenNodes,
): readonly [session: Session, keeper: Session] | null => {
  const [session, keeper] = [sessions.get(source), metadata.get(source)];
  const since = states[source]?.server.metadataVersion ?? 0;
  return session === undefined || keeper === undefined || since < recordsSince
    ? null
    : [session, keeper];
};

/** No column was renamed, dropped or added since, or nothing is known of it. */
export const hasRecordedColumns = async (
  source: NodeName,
  sent: readonly SentTable[],
  live: LiveState,
  nodes: OpenNodes,
): Promise<boolean> => {
  const both = sessionsOf(source, live, nodes);
  const tables = sent.map(({ table }) => table);
  return both === null || haveRecordedColumns(...both, source, tables);
};

export const readRenamings = async (
  source: NodeName,
  sent: readonly SentTable[],
  live: LiveState,
  nodes: OpenNodes,
): Promise<Renamings> => {
  const both = sessionsOf(source, live, nodes);
  if (both === null) return noRenamings;
  const [session, keeper] = both;
  const tables = sent.map(({ table }) => table);
  const recorded = await readRecordedIds(keeper, source, tables);
  return recorded.length === 0
    ? noRenamings
    : renamingsBetween(recorded, await readCatalogIds(session, tables));
};
