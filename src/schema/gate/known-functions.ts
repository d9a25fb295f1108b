// Which functions may be created: those in SQL and PL/pgSQL, whose text says all that they do. Pure.

import { quoteIdentifier } from '../../model/identifier.ts';
import {
  isTree,
  namesIn,
  nodesIn,
  type ParsedStatement,
  type Tree,
  textOf,
  treeOf,
} from './parse-statement.ts';

const languages: ReadonlySet<string> = new Set(['sql', 'plpgsql']);

const options: ReadonlySet<string> = new Set([
  'language',
  'as',
  'volatility',
  'strict',
  'security',
  'parallel',
  'cost',
  'rows',
  'set',
]);

/** Text: why it is refused. */
export const knownFunction = (tree: Tree): { readonly securityDefiner: boolean } | string => {
  const given = nodesIn(tree.options).map(([, option]) => option);
  const other = given.find((option) => !options.has(textOf(option, 'defname')));
  if (other !== undefined)
    return `it has an option that steep never uses (${textOf(other, 'defname')})`;
  if (tree.is_procedure === true) return 'it creates a procedure';
  const language = given.find(({ defname }) => defname === 'language');
  const name = language === undefined ? 'sql' : textIn(language);
  if (!languages.has(name)) return `it creates a function in language ${name}`;
  const security = given.find(({ defname }) => defname === 'security');
  return { securityDefiner: security !== undefined && isTrue(security) };
};

const textIn = (option: Tree): string => namesIn([treeOf(option, 'arg')]).join();

const isTrue = (option: Tree): boolean => treeOf(treeOf(option, 'arg'), 'Boolean').boolval === true;

/** `shop.f(pg_catalog.int4)`, as GRANT and REVOKE take it; of a function or an aggregate that a statement creates. */
export const signatureIn = ({ kind, tree }: ParsedStatement): string => {
  const isFunction = kind === 'CreateFunctionStmt';
  const name = namesIn(isFunction ? tree.funcname : tree.defnames);
  const list = isFunction ? tree.parameters : nodesIn(tree.args).map(([, { items }]) => items)[0];
  const types = nodesIn(list)
    .filter(([, { mode }]) => mode !== 'FUNC_PARAM_OUT' && mode !== 'FUNC_PARAM_TABLE')
    .map(([, { argType }]) => (isTree(argType) ? typeText(argType) : ''));
  return `${name.map(quoteIdentifier).join('.')}(${types.join(', ')})`;
};

const typeText = (type: Tree): string =>
  `${namesIn(type.names).map(quoteIdentifier).join('.')}${'[]'.repeat(nodesIn(type.arrayBounds).length)}`;
