// Kinds of objects as the parser names them, and ours. Pure.

import { type Tree, textOf } from './parse-statement.ts';

export const droppable: Readonly<Record<string, 'index' | 'sequence' | 'type' | 'function'>> = {
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_COLLATION: 'type',
  OBJECT_FUNCTION: 'function',
  OBJECT_AGGREGATE: 'function',
};

const renamedParts: Readonly<Record<string, 'table' | 'type'>> = {
  'OBJECT_COLUMN OBJECT_TABLE': 'table',
  'OBJECT_ATTRIBUTE OBJECT_TYPE': 'type',
};

/** Whose column or attribute a statement renames; null: it renames something else. */
export const renamedPart = (tree: Tree): 'table' | 'type' | null =>
  renamedParts[`${textOf(tree, 'renameType')} ${textOf(tree, 'relationType')}`] ?? null;
