// What `steep init prepare` answers: the slot as it was noted, and how a user brings the rows.

import { readAllSubscriptions } from '../../catalog/objects/read-all-subscriptions.ts';
import type { Connections } from '../../model/connection/conninfo.ts';
import type { EvidenceKind, PreparedSlot } from '../../model/copy/manual-init.ts';
import type { PreparedReport } from '../../model/copy/prepared-report.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { DesiredState } from '../../model/state/state.ts';
import { backupRecipes } from '../../planner/init/backup-recipes.ts';
import type { Project } from '../project.ts';
import { tableIndex } from './init-edge.ts';
import type { Source } from './init-source.ts';

/** How a shell reaches a node: the variable of the file, or the connection without its password. */
const shellConnection = (node: NodeName, { nodes }: DesiredState, { own }: Connections): string => {
  const reference = nodes.find(({ name }) => name === node)?.connectionRef ?? '';
  if (reference.startsWith('env:')) return `"$${reference.slice('env:'.length)}"`;
  const keywords = ['host', 'port', 'dbname', 'user'].flatMap((keyword) => {
    const value = own[node]?.get(keyword);
    return value === undefined ? [] : [`${keyword}=${value}`];
  });
  return `"${keywords.join(' ')}"`;
};

/** The slot, and the commands that fit it. */
export const reportOf = async (
  source: Source,
  prepared: PreparedSlot,
  snapshot: string | null,
  evidence: EvidenceKind,
  { desired, connections }: Project,
): Promise<PreparedReport> => {
  const { edge, state, published } = source;
  const { lsn, createdAt, expiresAt } = prepared;
  return {
    node: edge.node,
    source: edge.source,
    subscription: edge.name,
    slot: edge.slot,
    lsn,
    snapshot,
    createdAt,
    expiresAt,
    evidence,
    tables: published.tables.length,
    recipes: backupRecipes({
      edge,
      from: shellConnection(edge.source, desired, connections),
      to: shellConnection(edge.node, desired, connections),
      snapshot,
      tables: published.tables,
      index: tableIndex(state),
      database: state.server.database,
      subscriptions: (await readAllSubscriptions(source.session)).length,
      createSubscriber: state.server.features.createSubscriberTool,
    }),
  };
};
