// The text of single values: without quotes where YAML can do without them.

import { Document, isAlias, Scalar } from 'yaml';

/** Where folded text is folded. */
const foldWidth = 100;

/** `inFlow`: between brackets, where more characters need quotes. Only block scalars have several lines. */
export const scalarText = (node: unknown, inFlow: boolean, indent = 0): string => {
  if (isAlias(node)) return `*${node.source}`;
  const written = asWritten(node);
  if (written !== null) return written === '' && inFlow ? 'null' : written;
  const text = print([plainer(node as Scalar)], inFlow, indent);
  return inFlow ? text.slice(1, -1) : text.slice(2);
};

/** Numbers and the like: 0x10, 1.50, ~. Nothing stays nothing. Null: a text, or with a tag or anchor. */
const asWritten = (node: unknown): string | null => {
  if (!(node instanceof Scalar)) return '';
  const isBare = node.tag === undefined && node.anchor === undefined;
  return isBare && typeof node.value !== 'string' ? (node.source ?? '') : null;
};

/** The text of a key, without its colon. */
export const keySource = (key: unknown, inFlow: boolean): string => {
  const text = key instanceof Scalar ? String(key.value ?? '') : String(key);
  const pair = print({ [text]: 1 }, inFlow, 0);
  return inFlow ? pair.slice(1, -': 1}'.length) : pair.slice(0, -': 1'.length);
};

const print = (value: object, inFlow: boolean, indent: number): string =>
  new Document(value, { version: '1.2' })
    .toString({
      collectionStyle: inFlow ? 'flow' : 'block',
      flowCollectionPadding: false,
      // Nothing is folded, but for what is folded by its own style.
      lineWidth: isFolded(value) ? foldWidth - indent : 0,
      doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    })
    .slice(0, -1);

const isFolded = (value: object): boolean =>
  Array.isArray(value) && value[0] instanceof Scalar && value[0].type === Scalar.BLOCK_FOLDED;

/** The same value in the style that it should have. */
const plainer = (node: Scalar): Scalar => {
  const copy = node.clone() as Scalar;
  // The parser's comments: they are kept apart here.
  copy.comment = null;
  copy.commentBefore = null;
  copy.spaceBefore = false;
  if (typeof node.value !== 'string') return copy;
  if (isBlockScalar(node)) {
    // Empty lines at its end would run into those between the items.
    if (node.value.endsWith('\n\n')) copy.type = Scalar.QUOTE_DOUBLE;
  } else copy.type = node.value.includes('\n') ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
  return copy;
};

/** `|` and `>`. */
export const isBlockScalar = (node: unknown): boolean =>
  node instanceof Scalar &&
  (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED);
