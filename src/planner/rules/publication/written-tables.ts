// Whose writers must have ended when the name of a publication changes hands.

import type { QualifiedName } from '../../../model/identifier.ts';
import type { NodeName } from '../../../model/state/address.ts';
import type { PublicationSpec } from '../../../model/state/resource.ts';
import { effectiveTables } from '../../complete/published-tables.ts';
import type { PlanContext } from '../../context/context.ts';

/** None where all tables are published: that holds for changes from before, too. */
export const writtenTables = (
  spec: PublicationSpec,
  node: NodeName,
  context: PlanContext,
): readonly QualifiedName[] =>
  spec.allTables
    ? []
    : effectiveTables([spec], context.tables.get(node) ?? new Map()).map(({ table }) => table);
