// The publications that a subscription reads while some of its tables are copied again: copies of its own ones,
// without these tables.

import { compareNames, formatName, type QualifiedName } from '../../../model/identifier.ts';
import type { PublicationSpec, ResourceOf } from '../../../model/state/resource.ts';
import { desiredResource } from '../../complete/desired-resource.ts';
import { effectiveTables, type TableIndex } from '../../complete/published-tables.ts';
import { type PlanContext, want } from '../../context/context.ts';
import type { Reinit } from '../../context/reinit-stage.ts';
import { fingerprint } from '../../plan/plan-id.ts';

type Publication = ResourceOf<'publication'>;

export interface Temporary {
  /** Of which publication it is a copy. */
  readonly of: string;
  readonly publication: Publication;
}

const isLeftOut = (
  name: QualifiedName,
  tables: readonly QualifiedName[],
  index: TableIndex,
): boolean => {
  if (tables.some((table) => compareNames(table, name) === 0)) return true;
  const parent = index.get(formatName(name))?.parent ?? null;
  return parent !== null && isLeftOut(parent, tables, index);
};

/** The same for the others, with their filters and columns; undefined: it sends none of the tables. */
const without = (
  spec: PublicationSpec,
  tables: readonly QualifiedName[],
  index: TableIndex,
): PublicationSpec | undefined => {
  const sent = effectiveTables([spec], index);
  const left = sent.filter(({ table }) => !isLeftOut(table, tables, index));
  return left.length === sent.length ? undefined : { ...spec, tables: left, schemas: [] };
};

/** Copies of those of its publications that send one of the tables; the same in every plan. */
export const temporariesFor = (
  { sub, tables }: Reinit,
  context: PlanContext,
): readonly Temporary[] => {
  const source = sub.spec.source ?? '';
  const known: TableIndex = context.tables.get(source) ?? new Map();
  // One name for the whole, so that the order of several does not depend on a digest.
  const digest = fingerprint([sub.address, tables.map(formatName)]);
  const digits = digest.slice('sha256:'.length, 'sha256:'.length + 12);
  return sub.spec.publications.flatMap((of, index) => {
    const spec = want(context, 'publication', source, of)?.spec;
    const rest = spec && without(spec, tables, known);
    if (rest === undefined) return [];
    const name = `steep_without_${digits}_${index + 1}`;
    return [{ of, publication: desiredResource('publication', source, name, rest) }];
  });
};
