// Deletes from steep_repl what it says of other nodes: a physical copy of a node says that it is that node.
// The audit log stays, and says so.

import { forgetFormer } from '../../metadata/former-nodes.ts';
import type { ForgetFormerNodes } from '../../model/step/step.ts';
import type { Executor } from '../executor.ts';

export const forgetFormerNodesExecutor: Executor<ForgetFormerNodes> = {
  transactional: true,
  reversible: false,
  onMetadata: true,
  sql: () => [],
  note: ({ formerNodes }) => [
    `delete the records of ${formerNodes.join(', ')}, of which this server is a copy, from steep_repl`,
  ],
  run: (step, context) =>
    forgetFormer(context.metadata(step.node), step.node, step.formerNodes, context.runId),
};
