// What a publisher renamed since its tables were recorded. A column keeps its number and a label its oid: where the record
// has them under another name, that is certain. Names alone say no more than that one is gone and another is new.

import { formatName } from '../../model/identifier.ts';
import type {
  CatalogIds,
  ColumnRenaming,
  Renamings,
  TypeRenaming,
} from '../../model/schema/renaming.ts';

/** A table that was created again is another one, and so is one of a restored database: its oid tells. */
export const renamingsBetween = (
  recorded: readonly CatalogIds[],
  found: readonly CatalogIds[],
): Renamings => {
  const before = new Map(recorded.map((ids) => [formatName(ids.name), ids]));
  const pairs = found.flatMap((now): readonly (readonly [CatalogIds, CatalogIds])[] => {
    const was = before.get(formatName(now.name));
    return was?.relation === now.relation ? [[was, now]] : [];
  });
  return {
    columns: pairs.flatMap(renamedColumns),
    labels: distinct(pairs.flatMap(([was, now]) => inTypes(was.labels, now.labels))),
    attributes: distinct(pairs.flatMap(([was, now]) => inTypes(was.attributes, now.attributes))),
  };
};

const renamedColumns = ([was, now]: readonly [CatalogIds, CatalogIds]): readonly ColumnRenaming[] =>
  [...renamed(was.columns, now.columns), ...replaced(was.columns, now.columns)].map((names) => ({
    table: now.name,
    ...names,
  }));

type IdsOfTypes<Id> = readonly (readonly [string, string, Readonly<Record<string, Id>>])[];

const inTypes = <Id>(was: IdsOfTypes<Id>, now: IdsOfTypes<Id>): readonly TypeRenaming[] =>
  now.flatMap(([schema, name, ids]) => {
    const old = was.find((it) => it[0] === schema && it[1] === name);
    return renamed(old?.[2] ?? {}, ids).map((names) => ({ type: { schema, name }, ...names }));
  });

/** Several tables may use one type. */
const distinct = (found: readonly TypeRenaming[]): readonly TypeRenaming[] => [
  ...new Map(found.map((it) => [JSON.stringify([it.type, it.from]), it])).values(),
];

interface Names {
  readonly from: string;
  readonly to: string;
}

/** Names that a new column has: the one that had it before is dropped. */
const replaced = (
  was: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): readonly Names[] => {
  const known = new Set(Object.values(was));
  return Object.entries(now).flatMap(([name, number]) =>
    name in was && !known.has(number) && !Object.values(now).includes(was[name] ?? number)
      ? [{ from: name, to: name }]
      : [],
  );
};

/** Ids that have another name now. */
const renamed = <Id>(
  was: Readonly<Record<string, Id>>,
  now: Readonly<Record<string, Id>>,
): readonly Names[] => {
  const names = new Map(Object.entries(now).map(([name, id]) => [id, name]));
  return Object.entries(was).flatMap(([from, id]) => {
    const to = names.get(id);
    return to === undefined || to === from ? [] : [{ from, to }];
  });
};
