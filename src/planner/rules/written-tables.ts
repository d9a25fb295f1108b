// Whose writers must have ended when the name of a publication changes hands.

import type { NodeName } from '../../model/address.ts';
import type { QualifiedName } from '../../model/identifier.ts';
import type { PublicationSpec } from '../../model/resource.ts';
import type { PlanContext } from '../context.ts';
import { effectiveTables } from '../published-tables.ts';

/** None where all tables are published: that holds for changes from before, too. */
export const writtenTables = (
  spec: PublicationSpec,
  node: NodeName,
  context: PlanContext,
): readonly QualifiedName[] =>
  spec.allTables
    ? []
    : effectiveTables([spec], context.tables.get(node) ?? new Map()).map(({ table }) => table);
