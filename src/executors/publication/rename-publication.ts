// ALTER PUBLICATION … RENAME. Where subscriptions read it, the old name is given to a publication alias in the same
// transaction: WAL from before knows the one, WAL from after the other, and none knows neither.

import { moveOwnership, writeOwnership } from '../../metadata/ownership.ts';
import type { RenamePublication } from '../../model/step/step.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import { appliedFilters, createPublicationSql, lockWriters } from './publication-sql.ts';

export const renamePublicationExecutor: Executor<RenamePublication> = {
  transactional: true,
  reversible: true,
  lock: ({ locks }) => (locks.length > 0 ? 'SHARE ROW EXCLUSIVE' : null),
  sql: ({ publication, to, standIn, withGeneratedColumns, locks }) => [
    ...lockWriters(locks),
    ddl`ALTER PUBLICATION ${ident(publication)} RENAME TO ${ident(to)}`,
    ...(standIn === null ? [] : [createPublicationSql(publication, standIn, withGeneratedColumns)]),
  ],
  finish: async (step, context) => {
    const metadata = context.metadata(step.node);
    const { runId } = context;
    await moveOwnership(metadata, { from: step.fromAddress, to: step.address, runId });
    if (step.standIn === null) return {};
    const { tables } = step.standIn;
    const record = {
      address: step.fromAddress,
      kind: 'publication',
      applied: { ...step.standIn, standsInFor: step.to },
      protect: false,
    } as const;
    const filters = await appliedFilters(context.session(step.node), step.publication, tables);
    await writeOwnership(metadata, record, filters, runId);
    return {};
  },
};
