// DROP and CREATE PUBLICATION in one transaction: decoding never sees a time without it.

import type { ReplacePublication } from '../../model/step/step.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import {
  appliedFilters,
  createPublicationSql,
  lockWriters,
  rewrittenOids,
} from './publication-sql.ts';

export const replacePublicationExecutor: Executor<ReplacePublication> = {
  transactional: true,
  reversible: true,
  lock: () => 'SHARE ROW EXCLUSIVE',
  sql: (step) => [
    ...lockWriters(step.locks),
    ddl`DROP PUBLICATION ${ident(step.publication)}`,
    createPublicationSql(step.publication, step.spec, step.withGeneratedColumns),
  ],
  finish: async (step, context) => ({
    ...(await appliedFilters(context.session(step.node), step.publication, step.spec.tables)),
    ...(await rewrittenOids(step, null, context)),
  }),
};
