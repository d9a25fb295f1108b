// DROP PUBLICATION.

import type { DropPublication } from '../../model/step/publication-steps.ts';
import { ddl, ident } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

export const dropPublicationExecutor: Executor<DropPublication> = {
  transactional: true,
  reversible: false,
  sql: (step) => [ddl`DROP PUBLICATION ${ident(step.publication)}`],
};
