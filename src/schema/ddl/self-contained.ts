// Tables → what of them can be made without any other table, and what must be left out for that. Pure.

import { formatName } from '../../model/identifier.ts';
import type { ConstraintDefinition, TableDefinition } from '../../model/schema/table-definition.ts';

export interface SelfContained {
  readonly tables: readonly TableDefinition[];
  /** One sentence each. */
  readonly leftOut: readonly string[];
}

/** Foreign keys and parents that lead out of these tables go, and indexes that are not valid. */
export const selfContained = (tables: readonly TableDefinition[]): SelfContained => {
  const inside = new Set(tables.map(({ name }) => formatName(name)));
  const parts = tables.map((table) => withoutOthers(table, inside));
  return {
    tables: parts.map(({ table }) => table),
    leftOut: parts.flatMap(({ leftOut }) => leftOut),
  };
};

const withoutOthers = (table: TableDefinition, inside: ReadonlySet<string>) => {
  const name = formatName(table.name);
  const outside = table.constraints.filter((constraint) => leadsOut(constraint, inside));
  const parents = table.parents.filter((parent) => !inside.has(formatName(parent)));
  const invalid = table.indexes.filter(({ valid }) => !valid);
  const leftOut = [
    ...outside.map(
      (it) => `The foreign key ${it.name} of ${name}: ${targetOf(it)} is not exported.`,
    ),
    ...parents.map((it) => `${name} belongs to ${formatName(it)}, which is not exported.`),
    ...invalid.map((it) => `The index ${it.name} of ${name}, which is not valid.`),
    ...(table.identity.mode === 'index' && table.identity.index === null
      ? [`The replica identity of ${name}, whose index belongs to its parent.`]
      : []),
  ];
  const kept: TableDefinition = {
    ...table,
    constraints: table.constraints.filter((it) => !outside.includes(it)),
    indexes: table.indexes.filter(({ valid }) => valid),
    ...(parents.length === 0
      ? {}
      : { parents: table.parents.filter((it) => inside.has(formatName(it))), bound: null }),
  };
  return { table: kept, leftOut };
};

const leadsOut = (constraint: ConstraintDefinition, inside: ReadonlySet<string>): boolean => {
  const target = targetOf(constraint);
  return target !== null && !inside.has(target);
};

/** The table that a foreign key points to, as `formatName` has it. */
const targetOf = ({ kind, definition }: ConstraintDefinition): string | null => {
  if (kind !== 'foreign key') return null;
  const [, target = null] =
    /\) REFERENCES ((?:"(?:[^"]|"")*"|[^".(])+\.(?:"(?:[^"]|"")*"|[^".(])+)\(/.exec(definition) ??
    [];
  return target;
};
