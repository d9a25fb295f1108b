// What the expressions of a statement call and convert to, part by part: what must be judged before it may run. Pure.

import {
  isTree,
  namesIn,
  nodesIn,
  type ParsedStatement,
  type Tree,
  textOf,
  treeOf,
  treesIn,
} from './parse-statement.ts';

/** One column, constraint or index of a statement, or the whole of it. */
export interface StatementPart {
  /** As the statement has it. */
  readonly text: string;
  readonly uses: Uses;
}

/** Names are lists of their parts: `['now']`, `['public', 'f']`. */
export interface Uses {
  readonly functions: readonly Name[];
  readonly operators: readonly Name[];
  /** Types of columns and casts. */
  readonly types: readonly Name[];
  /** Types that something other than a constant is converted to. */
  readonly conversions: readonly Name[];
  /** Kinds of nodes that no expression of a table needs. */
  readonly others: readonly string[];
}

export type Name = readonly string[];

/** Each column of a new table by itself, so that a message shows that column alone. */
export const statementParts = (
  sql: string,
  { kind, tree }: ParsedStatement,
): readonly StatementPart[] => {
  if (kind !== 'CreateStmt') return [{ text: sql, uses: usesIn(tree) }];
  const { tableElts, ...rest } = tree;
  const elements = treesIn(tableElts);
  const starts = elements.map(startOf);
  const bytes = Buffer.from(sql);
  const parts = elements.map((element, index) => ({
    text: withoutEnd(bytes.subarray(starts[index], starts[index + 1]).toString()),
    uses: usesIn(element),
  }));
  return [...parts, { text: sql, uses: usesIn(rest) }];
};

/** In bytes; the parser leaves a position of 0 out. */
const startOf = (element: Tree): number => {
  const [location] = nodesIn([element]).map(([, tree]) => tree.location);
  return typeof location === 'number' ? location : 0;
};

const withoutEnd = (text: string): string => {
  let end = text.length;
  while (/[\s,]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
};

/** Nodes of statements and of expressions that call nothing by themselves. */
const plain: ReadonlySet<string> = new Set([
  'A_ArrayExpr',
  'A_Const',
  'A_Indices',
  'A_Indirection',
  'AlterTableCmd',
  'BitString',
  'BoolExpr',
  'Boolean',
  'BooleanTest',
  'CaseExpr',
  'CaseWhen',
  'CoalesceExpr',
  'CollateClause',
  'ColumnDef',
  'ColumnRef',
  'Constraint',
  'DefElem',
  'Float',
  'FunctionParameter',
  'IndexElem',
  'Integer',
  'List',
  'MinMaxExpr',
  'NamedArgExpr',
  'NullTest',
  'ObjectWithArgs',
  'PartitionCmd',
  'PartitionElem',
  'PartitionRangeDatum',
  'RangeVar',
  'ReplicaIdentityStmt',
  'RowExpr',
  // CURRENT_DATE, CURRENT_USER and the like.
  'SQLValueFunction',
  'String',
]);

/** What a definition calls that is no expression: `SUBTYPE_DIFF = f`. */
const functionOptions: ReadonlySet<string> = new Set([
  'canonical',
  'combinefunc',
  'deserialfunc',
  'finalfunc',
  'mfinalfunc',
  'minvfunc',
  'msfunc',
  'serialfunc',
  'sfunc',
  'subtype_diff',
]);

const usesIn = (tree: Tree): Uses => {
  const found = {
    functions: [] as Name[],
    operators: [] as Name[],
    types: [] as Name[],
    conversions: [] as Name[],
    others: [] as string[],
  };
  const visitNode = (kind: string, node: Tree): void => {
    if (kind === 'FuncCall') {
      found.functions.push(namesIn(node.funcname));
      if ('over' in node) found.others.push('WindowDef');
    } else if (kind === 'A_Expr') found.operators.push(namesIn(node.name));
    else if (kind === 'TypeCast') {
      if (!isConstant(node.arg)) found.conversions.push(typeIn(node.typeName));
    } else if (kind === 'TypeName') found.types.push(namesIn(node.names));
    else if (!plain.has(kind)) found.others.push(kind);
    if (kind === 'DefElem' && functionOptions.has(textOf(node, 'defname'))) {
      found.functions.push(...nodesIn([node.arg]).map(([, name]) => namesIn(name.names)));
    }
    if (kind === 'AlterTableCmd') found.conversions.push(...convertedTo(node));
    if (kind === 'Constraint') found.operators.push(...exclusionOperators(node));
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (!isTree(value)) return;
    for (const [key, child] of Object.entries(value)) {
      if (/^[A-Z]/.test(key) && isTree(child)) visitNode(key, child);
      // Fields that are always of one kind do not name it.
      else if (typeFields.has(key) && isTree(child)) found.types.push(namesIn(child.names));
      visit(child);
    }
  };
  // VALIDATE CONSTRAINT of a domain: the one that is there.
  if (tree.subtype === 'V') found.types.push(namesIn(tree.typeName));
  visit(tree);
  return found;
};

const typeFields: ReadonlySet<string> = new Set(['typeName', 'argType', 'returnType']);

const typeIn = (typeName: unknown): Name => (isTree(typeName) ? namesIn(typeName.names) : []);

/** Without USING the values are converted all the same. */
const convertedTo = ({ subtype, def }: Tree): readonly Name[] =>
  subtype === 'AT_AlterColumnType' && isTree(def)
    ? [typeIn(treeOf(def, 'ColumnDef').typeName)]
    : [];

/** A constant, or an array of constants, each of which may be converted itself. */
const isConstant = (arg: unknown): boolean =>
  nodesIn([arg]).every(
    ([kind, node]) =>
      kind === 'A_Const' || (kind === 'A_ArrayExpr' && treesIn(node.elements).every(isElement)),
  );

const isElement = (element: Tree): boolean =>
  nodesIn([element]).every(
    ([kind, node]) => kind === 'A_Const' || (kind === 'TypeCast' && isConstant(node.arg)),
  );

/** `EXCLUDE USING gist (room WITH =)`: pairs of an element and its operator. */
const exclusionOperators = ({ exclusions }: Tree): readonly Name[] =>
  nodesIn(exclusions).flatMap(([, pair]) =>
    nodesIn(pair.items).flatMap(([kind, list]) => (kind === 'List' ? [namesIn(list.items)] : [])),
  );
