// DROP and CREATE PUBLICATION in one transaction: decoding never sees a time without it.

import { assertFiltersPermitted } from '../../catalog/objects/read-filter-faults.ts';
import type { ReplacePublication } from '../../model/step/publication-steps.ts';
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
  before: (step, context) => assertFiltersPermitted(context.session(step.node), step.spec.tables),
  finish: async (step, context) => ({
    ...(await appliedFilters(context.session(step.node), step.publication, step.spec.tables)),
    ...(await rewrittenOids(step, null, context)),
  }),
};
