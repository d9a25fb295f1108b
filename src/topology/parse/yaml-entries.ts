// Keys and values → nodes of the YAML library, which quotes them. Knows nothing of the language of steep.yaml.

import { isScalar, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { isPrintable } from '../../model/printable.ts';
import { commentText } from '../render-comments.ts';

export type EntryValue = string | number | boolean | readonly EntryValue[] | Entries;

/** A key, its value, and what is said above it. */
export type Entry = readonly [key: string, value: EntryValue, comment?: string | null];

/** A mapping in the order of its pairs: an object would move keys that look like numbers. */
export class Entries {
  readonly pairs: readonly Entry[];

  constructor(pairs: readonly Entry[]) {
    this.pairs = pairs;
  }
}

/** The entry; none where the condition holds: mostly that the value is the default. */
export const entryUnless = (absent: boolean, entry: Entry): readonly Entry[] =>
  absent ? [] : [entry];

export type YamlMapping = YAMLMap<Scalar<string>, unknown>;

/** One key a line. */
export const yamlMapping = ({ pairs }: Entries): YamlMapping => {
  const map: YamlMapping = new YAMLMap();
  map.items = pairs.map(([key, value, comment = null]) => {
    const scalar = scalarOf(key);
    if (comment !== null) scalar.commentBefore = commentText([comment]);
    return new Pair(scalar, yamlValue(value));
  });
  return map;
};

/** In double quotes where a character of it has to be escaped: no other style of YAML can. */
const scalarOf = <T extends string | number | boolean>(value: T): Scalar<T> => {
  const scalar = new Scalar(value);
  if (typeof value === 'string' && !isPrintable(value)) scalar.type = 'QUOTE_DOUBLE';
  return scalar;
};

const yamlValue = (value: EntryValue): unknown => {
  if (value instanceof Entries) return yamlMapping(value);
  if (typeof value !== 'object') return scalarOf(value);
  const sequence = new YAMLSeq();
  sequence.items = value.map(yamlValue);
  sequence.flow = fitsOneLine(sequence.items);
  return sequence;
};

const oneLine = 80;

/** Short lists of plain values are in brackets. */
const fitsOneLine = (items: readonly unknown[]): boolean =>
  items.every((item) => isScalar(item)) &&
  items.reduce<number>((sum, item) => sum + String(item).length + 2, 0) < oneLine;
