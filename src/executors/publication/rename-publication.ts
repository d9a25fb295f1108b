// ALTER PUBLICATION … RENAME. Where subscriptions read it, the old name is given to a publication alias in the same
// transaction: WAL from before knows the one, WAL from after the other, and none knows neither.

import { moveOwnership, writeOwnership } from '../../metadata/ownership.ts';
import type { RenamePublication } from '../../model/step/publication-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import { appliedFilters, createPublicationSql, lockWriters } from './publication-sql.ts';

export const renamePublicationExecutor: Executor<RenamePublication> = {
  transactional: true,
  reversible: true,
  lock: ({ locks }) => (locks.length > 0 ? 'SHARE ROW EXCLUSIVE' : null),
  sql: ({ publication, to, alias, withGeneratedColumns, locks }) => [
    ...lockWriters(locks),
    ddl`ALTER PUBLICATION ${ident(publication)} RENAME TO ${ident(to)}`,
    ...(alias === null ? [] : [createPublicationSql(publication, alias, withGeneratedColumns)]),
  ],
  finish: async (step, context) => {
    const metadata = context.metadata(step.node);
    const { runId } = context;
    await moveOwnership(metadata, { from: step.fromAddress, to: step.address, runId });
    if (step.alias === null) return {};
    const { tables } = step.alias;
    const record = {
      address: step.fromAddress,
      kind: 'publication',
      applied: { ...step.alias, aliasFor: step.to },
      protect: false,
    } as const;
    const filters = await appliedFilters(context.session(step.node), step.publication, tables);
    await writeOwnership(metadata, record, filters, runId);
    return {};
  },
};
