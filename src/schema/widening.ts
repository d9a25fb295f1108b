// Which changes of a column's type can hold every value there is. Others may fail, or cut values.

/** From a type to those that hold all of its values, in order. */
const ladders: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint', 'numeric'],
  ['real', 'double precision'],
  ['character varying', 'text'],
  ['cidr', 'inet'],
];

const parse = (type: string): { readonly name: string; readonly sizes: readonly number[] } => {
  const match = /^(.*?)\((\d+(?:,-?\d+)?)\)(.*)$/.exec(type);
  if (match === null) return { name: type, sizes: [] };
  return { name: `${match[1]}${match[3]}`, sizes: (match[2] ?? '').split(',').map(Number) };
};

const isAbove = (before: string, after: string): boolean =>
  ladders.some((ladder) => {
    const from = ladder.indexOf(before);
    return from !== -1 && ladder.indexOf(after) > from;
  });

/** Both as format_type() spells them: `character varying(10)`, `numeric(10,2)`. */
export const isWidening = (before: string, after: string): boolean => {
  const [from, to] = [parse(before), parse(after)];
  if (from.name !== to.name) return to.sizes.length === 0 && isAbove(from.name, to.name);
  if (to.sizes.length === 0) return true;
  if (from.sizes.length === 0) return false;
  const [size = 0, scale = 0] = from.sizes;
  const [newSize = 0, newScale = 0] = to.sizes;
  return newScale >= scale && newSize - newScale >= size - scale;
};
