// Drops steep_repl, once nothing in it is owned any more and nothing outside depends on it: CASCADE would take a view
// of another owner too, without an error.

import { readMetadataUse } from '../../catalog/metadata/read-metadata-use.ts';
import { SteepError } from '../../model/errors.ts';
import type { DropMetadata } from '../../model/step/step.ts';
import { ddl, type Sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

const statement: Sql = ddl`DROP SCHEMA steep_repl CASCADE`;

export const dropMetadataExecutor: Executor<DropMetadata> = {
  transactional: true,
  reversible: false,
  onMetadata: true,
  sql: () => [statement],
  run: async (step, context) => {
    const session = context.metadata(step.node);
    const users = await readMetadataUse(session);
    if (users.length > 0) {
      throw new SteepError(
        'METADATA_IN_USE',
        `steep_repl of node ${step.node} is still needed: ${users.join(', ')}.`,
        { suggestions: ['Drop or move those first, and run the same command again.'] },
      );
    }
    // This run holds a table of it.
    await context.unlockMetadata(step.node);
    await session.query(statement);
  },
};
