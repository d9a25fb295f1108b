// Tables whose columns are merged with those of their parents, which the engine cannot make: it knows one parent, and adds
// each column by itself.

import { type FactBase, parseId } from '@supabase/pg-delta';
import { formatName } from '../../model/identifier.ts';
import type { RefusedStatement, SentTable } from '../../model/schema/schema-change.ts';
import type { EngineFacts } from './facts.ts';
import { idsInScope } from './scope.ts';

/** One for each that the subscriber would get. */
export const mergedChildren = (
  target: FactBase,
  { base, merged }: EngineFacts,
  sent: readonly SentTable[],
): readonly RefusedStatement[] => {
  if (merged.size === 0) return [];
  return [...idsInScope(base, sent)]
    .filter((key) => merged.has(key))
    .toSorted()
    .flatMap((key) => {
      const id = parseId(key);
      return id.kind === 'table' && !target.has(id) ? [refusal(formatName(id))] : [];
    });
};

const refusal = (name: string): RefusedStatement => ({
  sql: `CREATE TABLE ${name}`,
  object: { kind: 'table', name },
  why: 'It inherits from several tables, or has a column that a parent has too; steep creates no such table here.',
  cure: `Create ${name} and its parents on the subscriber first, as pg_dump --schema-only or steep schema export writes them; then plan again.`,
});
