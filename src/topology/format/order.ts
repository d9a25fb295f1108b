// The order of keys: that of the schema in each block, and of the language at the top. Names keep
// the order that people gave them, and keys that are not known come last.

import { isMap, isSeq, type Pair, type YAMLMap } from 'yaml';
import { isMapping, property } from '../parse/plain-data.ts';
import { keyText } from '../parse/source-document.ts';
import { steepSchema } from '../parse/steep-schema.ts';

const sections: readonly string[] = [
  'version',
  'include',
  'defaults',
  'nodes',
  'publications',
  'subscriptions',
  'pairs',
  'removed',
  'renamed',
  'drift',
  'policy',
];

/** The pairs of each mapping that has an order, in that order. */
export const orderKeys = (root: YAMLMap): ReadonlyMap<YAMLMap, readonly Pair[]> => {
  const ordered = new Map([[root, inOrder(root, sections)]]);
  const visit = (node: unknown, schema: unknown): void => {
    const shapes = shapesOf(schema);
    if (isSeq(node)) {
      for (const item of node.items)
        for (const shape of shapes) visit(item, property(shape, 'items'));
    }
    if (!isMap(node)) return;
    const keys = shapes.flatMap((shape) => keysOf(property(shape, 'properties')));
    if (keys.length > 0 && node !== root) ordered.set(node, inOrder(node, keys));
    for (const pair of node.items) {
      for (const shape of shapes) visit(pair.value, schemaOf(shape, keyText(pair)));
    }
  };
  visit(root, steepSchema);
  return ordered;
};

const inOrder = ({ items }: YAMLMap, keys: readonly string[]): readonly Pair[] => {
  const rank = (pair: Pair): number => {
    const at = keys.indexOf(keyText(pair));
    return at === -1 ? keys.length : at;
  };
  return items.toSorted((a, b) => rank(a) - rank(b));
};

/** A schema, or each of those that it lets one choose from. */
const shapesOf = (schema: unknown): readonly unknown[] => {
  const reference = property(schema, '$ref');
  if (typeof reference === 'string') {
    return shapesOf(property(steepSchema.$defs, reference.replace('#/$defs/', '')));
  }
  const choices = property(schema, 'anyOf');
  return Array.isArray(choices) ? choices.flatMap(shapesOf) : [schema];
};

const schemaOf = (shape: unknown, key: string): unknown =>
  property(property(shape, 'properties'), key) ?? property(shape, 'additionalProperties');

const keysOf = (properties: unknown): readonly string[] =>
  isMapping(properties) ? Object.keys(properties) : [];
