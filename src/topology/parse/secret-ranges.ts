// Where secrets may are in the file: every value of a connection that is not known to be harmless. Also under misspelt
// keys: `pasword` holds a password too.

import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { secretKeywords } from '../../model/known-secrets.ts';
import { libpqKeywords } from './connection-keywords.ts';
import { keyText } from './source-document.ts';
import type { TextRange } from './source-text.ts';
import { steepSchema } from './steep-schema.ts';

/** Those without connections. A section that is not known could be a misspelt `nodes`. */
const sections: ReadonlySet<string> = new Set(
  Object.keys(steepSchema.properties).filter((key) => key !== 'nodes'),
);
const harmlessNodeKeys: ReadonlySet<string> = new Set([
  'priority',
  'metadata_database',
  'metadata_owner',
  'apply_role',
]);

/** The values that no snippet may show. */
export const secretRanges = (document: Document): readonly TextRange[] =>
  valuesBut(document.contents, (key) => sections.has(key))
    .flatMap((section) => valuesBut(section, () => false))
    .flatMap((node) => valuesBut(node, (key) => harmlessNodeKeys.has(key)))
    .flatMap((connection) => valuesBut(connection, isHarmlessKeyword))
    .flatMap((value) => scalars(document, value));

/** The values of a mapping but for the harmless keys; what is no mapping is a value by itself. */
const valuesBut = (node: unknown, isHarmless: (key: string) => boolean): readonly unknown[] =>
  isMap(node)
    ? node.items.filter((pair) => !isHarmless(keyText(pair))).map(({ value }) => value)
    : [node];

const isHarmlessKeyword = (key: string): boolean =>
  libpqKeywords.has(key) && !secretKeywords.includes(key);

/** Every text below a node, save for those that only name variables. */
const scalars = (document: Document, node: unknown): readonly TextRange[] => {
  const below = (child: unknown): readonly TextRange[] => scalars(document, child);
  if (isSeq(node)) return node.items.flatMap(below);
  if (isMap(node)) return node.items.flatMap(({ key, value }) => [...below(key), ...below(value)]);
  // All of what an alias names, without looking inside: an anchor can hold an alias to itself.
  const target = isAlias(node) ? node.resolve(document) : node;
  const range = (target as Node | null | undefined)?.range;
  if (!range || (isScalar(target) && namesVariablesOnly(String(target.value)))) return [];
  return [[range[0], range[1]]];
};

const namesVariablesOnly = (text: string): boolean => /^(?:\$\{\w+\})*$/.test(text);
