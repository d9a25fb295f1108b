// Registers a node in its own steep_repl.nodes.

import type { RegisterNode } from '../model/step.ts';
import { sql } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

export const registerNode: Executor<RegisterNode> = {
  transactional: true,
  reversible: true,
  sql: (step) => [
    sql`SELECT steep_repl.register_node(${step.node}, ${step.node}, NULL, NULL, ${step.priority})`,
  ],
  run: async (step, context) => {
    const [statement] = registerNode.sql(step);
    if (statement !== undefined) await context.metadata(step.node).query(statement);
  },
};
