// Puts on record what the tables of managed edges are, at the end of an apply: the base of drift, as the rows of
// ownership are of what replicates. Where an apply has nothing to do, only what is missing is written.

import { storeFingerprints } from '../../metadata/fingerprints.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import { compareStates } from '../../planner/drift/compared-state.ts';
import { managedEdges } from '../../planner/drift/managed-edges.ts';
import { type Applying, tablesToRecord } from '../../planner/reading/tables-to-record.ts';
import { toFailure } from '../../postgres/failures.ts';
import { readCaptured } from '../../schema/read-fingerprints.ts';
import { theseTables } from '../../schema/scope.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import { onEach, recordsOf } from '../schema/read-schemas.ts';

/**
 * Nodes that cannot be read, and those without a steep_repl for it, are left out. `read`: what there is now.
 * @throws SteepError when a node goes away, or does not let it write.
 */
export const recordSchemas = async (
  applying: Applying,
  { desired }: Project,
  nodes: OpenNodes,
  read: LiveState,
): Promise<void> => {
  const { live, results } = await onEach(read, (node) => recordsOf(node, read, nodes));
  const edges = managedEdges(compareStates({ desired, live }), results);
  const wanted = tablesToRecord(edges, applying, results);
  await Promise.all(Object.entries(wanted).map(([node, tables]) => record(node, tables, nodes)));
};

const record = async (
  node: NodeName,
  tables: readonly QualifiedName[],
  { sessions, metadata }: OpenNodes,
): Promise<void> => {
  const [session, keeper] = [sessions.get(node), metadata.get(node)];
  if (tables.length === 0 || session === undefined || keeper === undefined) return;
  try {
    const captured = await readCaptured(session, theseTables(tables));
    await storeFingerprints(keeper, node, captured, { schemas: null, tables });
  } catch (error) {
    throw toFailure(error, { node, doing: 'recording its tables' });
  }
};
