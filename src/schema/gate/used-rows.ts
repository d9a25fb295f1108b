// Which tables a statement checks or converts the rows of: PostgreSQL then runs what belongs to these tables (checks, casts,
// expressions of indexes), with the rights of the session. Pure.

import type { QualifiedName } from '../../model/identifier.ts';
import type { KnownStatement } from './known-statements.ts';
import { nodesIn, type ParsedStatement, type Tree, textOf, treeOf } from './parse-statement.ts';

/** Commands of ALTER TABLE that look at no row, or at none but for NULL. */
const quietCommands: ReadonlySet<string> = new Set([
  'AT_DropColumn',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_DropConstraint',
  'AT_AddIdentity',
  'AT_SetIdentity',
  'AT_DropIdentity',
  'AT_DropExpression',
  'AT_AddInherit',
  'AT_DetachPartition',
  'AT_ReplicaIdentity',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_EnableRowSecurity',
  'AT_DisableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_NoForceRowSecurity',
]);

/** Whether they exist already is not asked. An index is built with the rights of the owner of its table. */
export const tablesWithUsedRows = (
  { kind, tree }: ParsedStatement,
  { subject, tables }: KnownStatement,
): readonly QualifiedName[] => {
  // The default partition must not hold rows of a new one.
  if (kind === 'CreateStmt') return 'partbound' in tree ? tables : [];
  if (kind !== 'AlterTableStmt') return [];
  const commands = nodesIn(tree.cmds).map(([, command]) => command);
  return commands.every(isQuiet) ? [] : [subject.name, ...tables];
};

const isQuiet = (command: Tree): boolean => {
  const subtype = textOf(command, 'subtype');
  return quietCommands.has(subtype) || (subtype === 'AT_AddColumn' && isPlainColumn(command));
};

/** Without a check, a reference or an expression over other columns; a default names none. */
const isPlainColumn = (command: Tree): boolean =>
  nodesIn(treeOf(treeOf(command, 'def'), 'ColumnDef').constraints).every(([, constraint]) =>
    plainConstraints.has(textOf(constraint, 'contype')),
  );

const plainConstraints: ReadonlySet<string> = new Set([
  'CONSTR_DEFAULT',
  'CONSTR_IDENTITY',
  'CONSTR_NOTNULL',
  'CONSTR_NULL',
]);
