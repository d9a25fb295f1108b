// Which statements may be run to create or change tables and what these need. A statement that is not in this list,
// or that does more than the list says, is refused. Pure.

import type { QualifiedName } from '../../model/identifier.ts';
import type { SchemaObjectKind } from '../../model/schema/schema-change.ts';
import { knownFunction } from './known-functions.ts';
import { droppable, renamedPart } from './known-kinds.ts';
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

/** What a statement is about; `schema` is empty for a schema and an extension. */
export interface StatementSubject {
  readonly kind: SchemaObjectKind | 'index';
  readonly name: QualifiedName;
}

export interface KnownStatement {
  readonly subject: StatementSubject;
  readonly verb: 'create' | 'alter' | 'drop';
  /** Tables that must exist and whose owner alone may do this: parents of a partition, the table of an index. */
  readonly tables: readonly QualifiedName[];
  /** Of a function that it creates. */
  readonly securityDefiner: boolean;
}

type Verdict = KnownStatement | string;

/** Text: why it is refused. */
export const recognize = ({ kind, tree }: ParsedStatement): Verdict =>
  kinds[kind]?.(tree) ?? `${kind} is no statement that steep runs`;

const known = (
  verb: KnownStatement['verb'],
  kind: StatementSubject['kind'],
  name: QualifiedName | null,
  rest: Partial<KnownStatement> = {},
): Verdict =>
  name === null
    ? `the name of the ${kind} has no schema`
    : { subject: { kind, name }, verb, tables: [], securityDefiner: false, ...rest };

/** Two parts, as all names of objects in a schema are written. */
const nameIn = (list: unknown): QualifiedName | null => {
  const [schema, name, ...rest] = namesIn(list);
  return schema === undefined || name === undefined || rest.length > 0 ? null : { schema, name };
};

const relationIn = (relation: Tree): QualifiedName | null => {
  const [schema, name] = [textOf(relation, 'schemaname'), textOf(relation, 'relname')];
  return schema === '' || name === '' || 'catalogname' in relation ? null : { schema, name };
};

const has = (tree: Tree, ...keys: readonly string[]): string | null => {
  const found = keys.find((key) => key in tree);
  return found === undefined ? null : `it has a part that steep never writes (${found})`;
};

const optionsOf = (tree: Tree, key: string): readonly string[] =>
  nodesIn(tree[key]).map(([, option]) => textOf(option, 'defname'));

const strange = (options: readonly string[], allowed: readonly string[]): string | null => {
  const found = options.find((option) => !allowed.includes(option));
  return found === undefined ? null : `it has an option that steep never writes (${found})`;
};

const createTable = (tree: Tree): Verdict => {
  const relation = treeOf(tree, 'relation');
  if (textOf(relation, 'relpersistence') === 't') return 'it makes a temporary table';
  const parents = treesIn(tree.inhRelations).map((node) => relationIn(treeOf(node, 'RangeVar')));
  const elements = nodesIn(tree.tableElts).map(([kind]) => kind);
  const other = elements.find((kind) => kind !== 'ColumnDef' && kind !== 'Constraint');
  if (other !== undefined) return `it has a part that steep never writes (${other})`;
  return (
    has(tree, 'ofTypename', 'tablespacename', 'accessMethod', 'if_not_exists') ??
    known('create', 'table', relationIn(relation), {
      tables: parents.flatMap((parent) => parent ?? []),
    })
  );
};

/** What one ALTER TABLE or ALTER TYPE may do; a command that is not listed is refused. */
const tableCommands: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_AlterColumnType',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AddConstraint',
  'AT_DropConstraint',
  'AT_ValidateConstraint',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
  'AT_SetExpression',
  'AT_DropExpression',
  'AT_AddInherit',
  'AT_AttachPartition',
  'AT_DetachPartition',
  'AT_ReplicaIdentity',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_SetLogged',
  'AT_SetUnLogged',
  'AT_EnableRowSecurity',
  'AT_DisableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_NoForceRowSecurity',
]);

const typeCommands: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_AlterColumnType',
]);

const alterTable = (tree: Tree): Verdict => {
  const isType = tree.objtype === 'OBJECT_TYPE';
  if (!isType && tree.objtype !== 'OBJECT_TABLE') return `it alters ${textOf(tree, 'objtype')}`;
  const allowed = isType ? typeCommands : tableCommands;
  const commands = nodesIn(tree.cmds).map(([, command]) => command);
  const other = commands.find((command) => !allowed.has(textOf(command, 'subtype')));
  if (other !== undefined) return `${textOf(other, 'subtype')} is nothing that steep does`;
  // Attributes of a type are changed in the tables that use it, too; nothing else goes along.
  if (!isType && commands.some(({ behavior }) => behavior === 'DROP_CASCADE')) return 'it cascades';
  const related = commands.flatMap((command) => relatedTables(command));
  return known('alter', isType ? 'type' : 'table', relationIn(treeOf(tree, 'relation')), {
    tables: related,
  });
};

/** The partition that joins, the parent that is inherited from. */
const relatedTables = ({ def }: Tree): readonly QualifiedName[] =>
  isTree(def)
    ? [treeOf(treeOf(def, 'PartitionCmd'), 'name'), treeOf(def, 'RangeVar')].flatMap(
        (relation) => relationIn(relation) ?? [],
      )
    : [];

const createIndex = (tree: Tree): Verdict => {
  const table = relationIn(treeOf(tree, 'relation'));
  return has(tree, 'tableSpace', 'if_not_exists', 'concurrent') ?? known('alter', 'table', table);
};

const sequenceOptions = [
  'as',
  'start',
  'increment',
  'minvalue',
  'maxvalue',
  'cache',
  'cycle',
  'owned_by',
];

const sequence =
  (verb: 'create' | 'alter') =>
  (tree: Tree): Verdict =>
    has(tree, 'ownerId', 'missing_ok', 'if_not_exists') ??
    strange(optionsOf(tree, 'options'), sequenceOptions) ??
    known(verb, 'sequence', relationIn(treeOf(tree, 'sequence')), { tables: ownersOf(tree) });

/** The table of OWNED BY: PostgreSQL wants both to have one owner. */
const ownersOf = ({ options }: Tree): readonly QualifiedName[] =>
  nodesIn(options).flatMap(([, option]) => {
    if (option.defname !== 'owned_by') return [];
    const [schema, name, column] = namesIn(treeOf(treeOf(option, 'arg'), 'List').items);
    return schema === undefined || name === undefined || column === undefined
      ? []
      : [{ schema, name }];
  });

const drop = (tree: Tree): Verdict => {
  const kind = droppable[textOf(tree, 'removeType')];
  const objects = nodesIn(tree.objects);
  if (kind === undefined) return `it drops ${textOf(tree, 'removeType')}`;
  if (objects.length !== 1 || tree.behavior !== 'DROP_RESTRICT') return 'it drops more than one';
  const names = objects.map(([of, object]) =>
    nameIn(of === 'List' ? object.items : (object.objname ?? object.names)),
  );
  return known('drop', kind, names[0] ?? null);
};

const rename = (tree: Tree): Verdict => {
  const part = renamedPart(tree);
  if (part !== null) return known('alter', part, relationIn(treeOf(tree, 'relation')));
  return tree.renameType === 'OBJECT_TYPE'
    ? known('alter', 'type', nameIn(treeOf(treeOf(tree, 'object'), 'List').items))
    : `it renames ${textOf(tree, 'renameType')}`;
};

/** Collations, and aggregates, which are made of functions. */
const define = (tree: Tree): Verdict => {
  if (tree.kind === 'OBJECT_COLLATION') return known('create', 'type', nameIn(tree.defnames));
  return tree.kind === 'OBJECT_AGGREGATE'
    ? known('create', 'function', nameIn(tree.defnames))
    : `it defines ${textOf(tree, 'kind')}`;
};

const createExtension = (tree: Tree): Verdict =>
  strange(optionsOf(tree, 'options'), ['schema']) ??
  known('create', 'extension', { schema: '', name: textOf(tree, 'extname') });

const createSchema = (tree: Tree): Verdict =>
  has(tree, 'authrole', 'schemaElts') ??
  known('create', 'schema', { schema: '', name: textOf(tree, 'schemaname') });

const type =
  (verb: 'create' | 'alter', key = 'typeName') =>
  (tree: Tree): Verdict =>
    known(verb, 'type', nameIn(tree[key]));

const kinds: Readonly<Record<string, (tree: Tree) => Verdict>> = {
  CreateSchemaStmt: createSchema,
  CreateExtensionStmt: createExtension,
  CreateStmt: createTable,
  AlterTableStmt: alterTable,
  IndexStmt: createIndex,
  CreateSeqStmt: sequence('create'),
  AlterSeqStmt: sequence('alter'),
  CreateEnumStmt: type('create'),
  AlterEnumStmt: type('alter'),
  CreateRangeStmt: type('create'),
  CompositeTypeStmt: (tree) => known('create', 'type', relationIn(treeOf(tree, 'typevar'))),
  CreateDomainStmt: type('create', 'domainname'),
  AlterDomainStmt: type('alter'),
  DefineStmt: define,
  RenameStmt: rename,
  DropStmt: drop,
  CreateFunctionStmt: (tree) => {
    const found = knownFunction(tree);
    return typeof found === 'string'
      ? found
      : known('create', 'function', nameIn(tree.funcname), found);
  },
};
