// CREATE PUBLICATION.

import { assertFiltersPermitted } from '../../catalog/objects/read-filter-faults.ts';
import type { CreatePublication } from '../../model/step/publication-steps.ts';
import type { Executor } from '../executor.ts';
import { appliedFilters, createPublicationSql } from './publication-sql.ts';

export const createPublicationExecutor: Executor<CreatePublication> = {
  transactional: true,
  reversible: true,
  lock: () => 'SHARE UPDATE EXCLUSIVE',
  sql: (step) => [createPublicationSql(step.publication, step.spec, step.withGeneratedColumns)],
  before: (step, context) => assertFiltersPermitted(context.session(step.node), step.spec.tables),
  finish: (step, context) =>
    appliedFilters(context.session(step.node), step.publication, step.spec.tables),
};
