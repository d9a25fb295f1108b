// Which publication or subscription a line of the file belongs to, so that a finding can be traced to its block.

import { isMap, parseDocument } from 'yaml';
import { keyText, rangeOf } from './parse/source-document.ts';

export interface Block {
  readonly section: 'publications' | 'subscriptions';
  readonly name: string;
}

/** The block that a line (from 1) is in; null: none of the two sections. */
export const blockAt = (text: string, line: number): Block | null => {
  const lines = text.split('\n').slice(0, line);
  const end = lines.join('\n').length;
  const document = parseDocument(text, { stringKeys: true });
  for (const section of ['publications', 'subscriptions'] as const) {
    const map = document.get(section);
    if (!isMap(map)) continue;
    // The last block that begins on the line or above it, of a section that continues below it.
    const pair = map.items.findLast(({ key }) => (rangeOf(key)?.[0] ?? Infinity) <= end);
    const closes = map.range?.[1] ?? 0;
    const begins = end - (lines.at(-1)?.length ?? 0);
    if (pair !== undefined && begins < closes) return { section, name: keyText(pair) };
  }
  return null;
};
