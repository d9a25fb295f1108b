// SQL text → the tree of PostgreSQL's own parser (libpg-query, compiled to WebAssembly). Loaded when it is first
// needed; asks no server. Only this folder looks inside the trees.

/** A node of a parse tree, or a part of one. Keys that begin with a capital letter name the kind of a node. */
export type Tree = Readonly<Record<string, unknown>>;

export interface ParsedStatement {
  /** `AlterTableStmt`. */
  readonly kind: string;
  readonly tree: Tree;
}

let parser: typeof import('libpg-query') | null = null;

/** Must have been awaited once before parseStatement() is called. */
export const loadParser = async (): Promise<void> => {
  parser ??= await import('libpg-query');
  await parser.loadModule();
};

/** Text: why the text is not exactly one statement. */
export const parseStatement = (text: string): ParsedStatement | string => {
  const statements = parsed(text);
  if (typeof statements === 'string') return `it cannot be parsed (${statements})`;
  const [first] = statements;
  if (statements.length !== 1 || first === undefined) {
    return `it is ${statements.length} statements and not one`;
  }
  const [[kind, tree] = []] = Object.entries(first);
  return kind !== undefined && isTree(tree) ? { kind, tree } : 'it cannot be parsed';
};

const parsed = (text: string): readonly Tree[] | string => {
  // The parser takes a C string, which ends there.
  if (text.includes('\0')) return 'it has a NUL character';
  if (parser === null) throw new Error('The parser was not loaded.');
  try {
    return treesIn(parser.parseSync(text).stmts).flatMap(({ stmt }) =>
      isTree(stmt) ? [stmt] : [],
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The trees of a list; none where it is no list. */
export const treesIn = (value: unknown): readonly Tree[] =>
  Array.isArray(value) ? value.filter(isTree) : [];

/** A list of nodes of which each is told by its kind: `[{ ColumnDef: {…} }]` → `[['ColumnDef', {…}]]`. */
export const nodesIn = (value: unknown): readonly (readonly [kind: string, tree: Tree])[] =>
  treesIn(value).flatMap((node) =>
    Object.entries(node).flatMap(([kind, tree]) => (isTree(tree) ? [[kind, tree] as const] : [])),
  );

/** A text field; empty where it has none. */
export const textOf = (tree: Tree, key: string): string => {
  const value = tree[key];
  return typeof value === 'string' ? value : '';
};

/** A name as the parser has it: a list of strings. */
export const namesIn = (value: unknown): readonly string[] =>
  nodesIn(value).flatMap(([kind, tree]) => (kind === 'String' ? [textOf(tree, 'sval')] : []));

/** A field that holds a tree; empty where it has none. */
export const treeOf = (tree: Tree, key: string): Tree => {
  const value = tree[key];
  return isTree(value) ? value : {};
};
