// ALTER PUBLICATION: tables, schemas and settings in one transaction, so that no change is sent by halves.

import { assertFiltersPermitted } from '../../catalog/objects/read-filter-faults.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { PublicationSpec } from '../../model/state/resource.ts';
import type { AlterPublication } from '../../model/step/publication-steps.ts';
import { ddl, ident, join, qualified, type Sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';
import {
  appliedFilters,
  lockWriters,
  publicationOptions,
  publishedTable,
  rewrittenOids,
} from './publication-sql.ts';

// Older minors lose changes of transactions in flight (fixed in 14.18, 15.13, 16.9 and 17.5).
const lockAdded = ({ lockAdded: needed, addTables }: AlterPublication): readonly Sql[] =>
  needed ? lockWriters(addTables.map(({ table }) => table)) : [];

const statements = (step: AlterPublication): readonly Sql[] => {
  const name = ident(step.publication);
  const { dropTables, addTables, dropSchemas, addSchemas, settings } = step;
  return [
    ...lockAdded(step),
    ...(dropTables.length > 0
      ? [ddl`ALTER PUBLICATION ${name} DROP TABLE ${join(dropTables.map(qualified))}`]
      : []),
    ...(dropSchemas.length > 0
      ? [ddl`ALTER PUBLICATION ${name} DROP TABLES IN SCHEMA ${join(dropSchemas.map(ident))}`]
      : []),
    ...(Object.keys(settings).length > 0
      ? [ddl`ALTER PUBLICATION ${name} SET (${publicationOptions(settings)})`]
      : []),
    ...(addTables.length > 0
      ? [ddl`ALTER PUBLICATION ${name} ADD TABLE ${join(addTables.map(publishedTable))}`]
      : []),
    ...(addSchemas.length > 0
      ? [ddl`ALTER PUBLICATION ${name} ADD TABLES IN SCHEMA ${join(addSchemas.map(ident))}`]
      : []),
  ];
};

/** Taken out and put back in one transaction: its columns or its filter are others. */
const putBack = ({ dropTables, addTables }: AlterPublication): readonly QualifiedName[] => {
  const dropped = new Set(dropTables.map(formatName));
  return addTables.map(({ table }) => table).filter((table) => dropped.has(formatName(table)));
};

export const alterPublicationExecutor: Executor<AlterPublication> = {
  transactional: true,
  reversible: true,
  lock: (step) => {
    if (step.addTables.length + step.dropTables.length === 0) return null;
    return step.lockAdded ? 'SHARE ROW EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE';
  },
  sql: statements,
  before: (step, context) => assertFiltersPermitted(context.session(step.node), step.addTables),
  finish: async (step, context) => {
    const spec = step.owns?.applied as PublicationSpec | undefined;
    const session = context.session(step.node);
    return {
      ...(await appliedFilters(session, step.publication, spec?.tables ?? [])),
      ...(await rewrittenOids(step, putBack(step), context)),
    };
  },
};
