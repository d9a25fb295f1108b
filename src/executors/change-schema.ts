// DDL on one object of a subscriber, in one transaction, as the owner of what it is about. The statements come with the
// step: the engine made them from the catalogs when the plan was made, and again under the lock, and each was examined.

import type { ChangeSchema } from '../model/step.ts';
import { ddl, examinedStatement, ident, type Sql } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

/** A body may name what comes later. */
const unchecked = ddl`SET LOCAL check_function_bodies = off`;

/** Until they are done: what follows in the transaction is steep's own. */
const asRole = (role: string | undefined, statements: readonly Sql[]): readonly Sql[] =>
  role === undefined
    ? statements
    : [ddl`SET LOCAL ROLE ${ident(role)}`, ...statements, ddl`RESET ROLE`];

export const changeSchema: Executor<ChangeSchema> = {
  transactional: true,
  reversible: ({ losesData }) => !losesData,
  lock: ({ lock }) => lock,
  sql: ({ object, statements, role }) =>
    asRole(role, [
      ...(object.kind === 'function' ? [unchecked] : []),
      ...statements.map(examinedStatement),
    ]),
};
