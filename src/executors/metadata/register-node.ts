// Registers a node in its own steep_repl.nodes.

import type { RegisterNode } from '../../model/step/step.ts';
import { sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const registerNodeExecutor: Executor<RegisterNode> = {
  transactional: true,
  reversible: true,
  onMetadata: true,
  sql: (step) => [
    sql`SELECT steep_repl.register_node(${step.node}, ${step.title ?? step.node}, ${step.host ?? null}, ${step.port ?? null}, ${step.priority})`,
  ],
};
