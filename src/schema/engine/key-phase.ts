// When the primary key of a table is changed. What an UPDATE or DELETE sends is the key as it was at that moment, and the
// subscriber can apply it as long as all columns of its own key are among those: a key with more columns waits until what
// was sent before is applied, another one comes before what is sent from then on.

import type { FactBase, StableId } from '@supabase/pg-delta';
import type { Action } from '@supabase/pg-delta/plan';
import { formatName } from '../../model/identifier.ts';
import type { SchemaPhase } from '../../model/schema/schema-change.ts';

type Constraint = Extract<StableId, { readonly schema: string; readonly table: string }>;

const keyOf = (base: FactBase, id: Constraint): readonly string[] | null => {
  const fact = base.get(id);
  const definition = fact?.payload.def;
  if (fact?.payload.type !== 'p' || typeof definition !== 'string') return null;
  const [, list = ''] = /^PRIMARY KEY \(((?:"(?:[^"]|"")*"|[^")])*)\)/.exec(definition) ?? [];
  return list.match(/"(?:[^"]|"")*"|[^\s,"]+/g) ?? [];
};

const tableOf = ({ schema, table: name }: Constraint): string => formatName({ schema, name });

/** The columns of the primary key of that table, quoted where they need it; null: it has none. */
const primaryKey = (base: FactBase, table: string): readonly string[] | null => {
  for (const { id } of base.facts()) {
    if (id.kind !== 'constraint' || tableOf(id) !== table) continue;
    const columns = keyOf(base, id);
    if (columns !== null) return columns;
  }
  return null;
};

/** Of what drops or adds a primary key where another one takes its place; null: it is about something else. */
export const keyPhase = (
  { produces, destroys }: Action,
  current: FactBase,
  wanted: FactBase,
): SchemaPhase | null => {
  const id = [...produces, ...destroys].find((it): it is Constraint => it.kind === 'constraint');
  if (id === undefined) return null;
  if (keyOf(current, id) === null && keyOf(wanted, id) === null) return null;
  const [before, after] = [primaryKey(current, tableOf(id)), primaryKey(wanted, tableOf(id))];
  if (before === null || after === null) return null;
  return after.some((column) => !before.includes(column)) ? 'after' : 'before';
};
