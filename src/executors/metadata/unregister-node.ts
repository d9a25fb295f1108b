// Takes the registration of a node out of its own steep_repl.nodes.

import type { UnregisterNode } from '../../model/step/step.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const unregisterNodeExecutor: Executor<UnregisterNode> = {
  transactional: true,
  reversible: true,
  onMetadata: true,
  sql: (step) => [sql`SELECT steep_repl.remove_node(${step.node})`],
};
