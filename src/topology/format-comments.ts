// Which item each comment belongs to. The parser's own answer goes by order alone; people go by
// indentation, and a comment that moves to another block is worse than none.

import type { Document } from 'yaml';
import {
  type Collection,
  countBefore,
  type Item,
  isCollection,
  isFlow,
  itemsOf,
  type Level,
} from './format-items.ts';
import {
  type Comment,
  isBlank,
  isFirstOfLine,
  type Page,
  pageOf,
  readComments,
} from './format-page.ts';

/** Comments with their `#`; an empty text is a blank line. */
export interface Comments {
  /** On the lines above an item, and blank lines there. */
  readonly before: ReadonlyMap<object, readonly string[]>;
  /** On the line of an item. */
  readonly beside: ReadonlyMap<object, string>;
  /** Behind the last item of a collection. */
  readonly after: ReadonlyMap<Collection, readonly string[]>;
}

/** Finds every comment and blank line of a document, and its home. */
export const commentsOf = (text: string, document: Document, root: Collection): Comments => {
  const page = pageOf(text);
  const items = itemsOf(text, document);
  const before = new Map<object, string[]>();
  const beside = new Map<object, string>();
  const after = new Map<Collection, string[]>();
  const add = <K>(homes: Map<K, string[]>, home: K, comment: Comment): void => {
    const gap = comment.alone && isBlank(page, comment.line) ? [''] : [];
    homes.set(home, [...(homes.get(home) ?? []), ...gap, comment.text]);
  };
  for (const comment of readComments(page)) {
    const home = comment.alone ? homeOf(items, comment) : neighbour(items, comment);
    if (home === null) add(after, root, comment);
    else if (home.kind === 'after') add(after, home.level.node, comment);
    else if (home.kind === 'before' || beside.has(home.item.owner))
      add(before, home.item.owner, comment);
    else beside.set(home.item.owner, comment.text);
  }
  return { before: withGaps(before, items, page), beside, after };
};

/** With the blank lines right above an item; the first of a collection needs none. */
const withGaps = (
  before: ReadonlyMap<object, readonly string[]>,
  items: readonly Item[],
  page: Page,
): Comments['before'] => {
  const spaced = new Map(before);
  for (const { owner, start, level } of items) {
    const above = before.get(owner) ?? [];
    const gap = isFirstOfLine(page, start) && isBlank(page, page.lineOf(start)) ? [''] : [];
    const all = [...above, ...gap];
    const kept = level.node.items[0] === owner && all[0] === '' ? all.slice(1) : all;
    if (kept.length > 0) spaced.set(owner, kept);
    else spaced.delete(owner);
  }
  return spaced;
};

type Home =
  | { readonly kind: 'before' | 'beside'; readonly item: Item }
  | { readonly kind: 'after'; readonly level: Level };

/** Of a comment on a line of its own. */
const homeOf = (items: readonly Item[], comment: Comment): Home | null => {
  const count = countBefore(items, comment.start);
  const next = items[count];
  const previous = items[count - 1];
  if (previous === undefined) return next === undefined ? null : { kind: 'before', item: next };
  if (isBeforeValue(previous, comment)) return { kind: 'before', item: previous };
  const level = levelOf(previous, comment);
  // In brackets indentation means nothing.
  const inside = next !== undefined && isWithin(next, level);
  if (next !== undefined && (inside || (!level.flow && comment.column <= next.column))) {
    return { kind: 'before', item: next };
  }
  return { kind: 'after', level };
};

/** Between a key and a value that stands on a later line. */
const isBeforeValue = ({ value, level }: Item, { start }: Comment): boolean => {
  const at = (value as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
  const block = isCollection(value) && !isFlow(value);
  return at > start && !block && !(level.flow && start >= level.end);
};

/** The innermost collection around a comment, or that it stands behind with its indentation. */
const levelOf = (previous: Item, { start, column }: Comment): Level => {
  const own = previous.value;
  const opened = isCollection(own) && isFlow(own) ? flowAround(previous, own, start) : null;
  if (opened !== null) return opened;
  let { level } = previous;
  let at = previous.column;
  while (level.holder !== null && (level.flow ? start >= level.end : column < at)) {
    at = level.holder.column;
    level = level.holder.level;
  }
  return level;
};

/** The brackets that an item opens, where the comment is the first thing in them. */
const flowAround = (holder: Item, node: Collection, at: number): Level | null => {
  const [start, end] = node.range ?? [0, 0];
  return start < at && at < end ? { node, flow: true, start, end, holder } : null;
};

const isWithin = ({ level }: Item, { node }: Level): boolean => {
  for (let at: Level | undefined = level; at !== undefined; at = at.holder?.level) {
    if (at.node === node) return true;
  }
  return false;
};

/** Of a comment behind something on its line: the last item that begins before it and is not closed. */
const neighbour = (items: readonly Item[], { start }: Comment): Home | null => {
  let item = items[countBefore(items, start) - 1] ?? null;
  while (item?.level.flow && start >= item.level.end) item = item.level.holder;
  if (item !== null) return { kind: 'beside', item };
  const [first] = items;
  return first === undefined ? null : { kind: 'before', item: first };
};
