// What a plan shows of tables that are copied again.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { ChangeDetail } from '../../../model/plan/plan.ts';
import type { Reinit } from '../../context/reinit-stage.ts';

const listOf = (field: string, tables: readonly QualifiedName[]): readonly ChangeDetail[] =>
  tables.length === 0 ? [] : [{ field, added: tables.map(formatName), removed: [] }];

/** All of them, then those that were not asked for. */
export const reinitDetails = ({ tables, referring }: Reinit): readonly ChangeDetail[] => [
  ...listOf('initialized again', tables),
  ...listOf('with rows that refer to the others by foreign keys', referring),
];
