// Added columns whose default gives the rows that are there values of their own on each node: a call or an identity. Constants
// are the same everywhere. Pure.

import {
  isTree,
  nodesIn,
  type ParsedStatement,
  type Tree,
  textOf,
  treeOf,
} from './parse-statement.ts';

/** CURRENT_TIMESTAMP and the like are no calls. */
const calls: ReadonlySet<string> = new Set(['FuncCall', 'SQLValueFunction']);

const hasCall = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(hasCall);
  return isTree(value) && Object.entries(value).some(([key, it]) => calls.has(key) || hasCall(it));
};

const fillsItself = (constraint: Tree): boolean => {
  const type = textOf(constraint, 'contype');
  return type === 'CONSTR_IDENTITY' || (type === 'CONSTR_DEFAULT' && hasCall(constraint.raw_expr));
};

/** The names of such columns, of a statement that adds them to a table. */
export const columnsWithOwnValues = ({ kind, tree }: ParsedStatement): readonly string[] =>
  kind !== 'AlterTableStmt'
    ? []
    : nodesIn(tree.cmds).flatMap(([, command]) => {
        if (textOf(command, 'subtype') !== 'AT_AddColumn') return [];
        const column = treeOf(treeOf(command, 'def'), 'ColumnDef');
        const constraints = nodesIn(column.constraints).map(([, it]) => it);
        return constraints.some(fillsItself) ? [textOf(column, 'colname')] : [];
      });
