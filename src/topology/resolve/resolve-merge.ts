// How the two nodes of a pair are merged, from the file into the desired state.

import { formatName } from '../../model/identifier.ts';
import { parseTime } from '../../model/quantity.ts';
import type { MergeRule, MergeSettings } from '../../model/state/merge.ts';
import type { Init, MergeRule as WrittenRule } from '../parse/steep-file.generated.ts';
import { parseTableName } from './table-name.ts';

/** Nothing: it is not a merge, or the file does not say what validation asks for. */
export const resolveMerge = (init: Init): { readonly merge?: MergeSettings } => {
  const { method, strategy, tables = {} } = init;
  if (method !== 'merge' || strategy === undefined) return {};
  const rule = resolveRule({ ...init, strategy });
  const merge: MergeSettings = {
    rule,
    tables: Object.fromEntries(
      Object.entries(tables).flatMap(([name, written]) => {
        const table = parseTableName(name);
        return table.ok
          ? [[formatName(table.value), resolveRule(completeRule(init, written))]]
          : [];
      }),
    ),
    decisions: init.decisions ?? null,
    maxLockMs: init.max_lock === undefined ? null : parseTime(init.max_lock),
    maxOverwrites: init.max_overwrites ?? null,
  };
  return { merge };
};

/** Of one table: what it does not say itself holds as for all tables. */
export const completeRule = (
  { modified_column, tie }: Init,
  written: WrittenRule,
): WrittenRule => ({
  ...(modified_column !== undefined && { modified_column }),
  ...(tie !== undefined && { tie }),
  ...written,
});

const resolveRule = ({ strategy, modified_column, tie }: WrittenRule): MergeRule => ({
  strategy,
  modifiedColumn: strategy === 'last-modified' ? (modified_column ?? null) : null,
  tie: tie === 'node_b' ? 'b' : 'a',
});
