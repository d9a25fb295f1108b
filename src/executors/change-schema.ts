// DDL on one object of a subscriber, in one transaction, as the owner of what it is about. The statements come with the
// step: the engine made them from the catalogs when the plan was made, and again under the lock, and each was examined.
// What is attached to the tables whose rows they use is looked at once more, under a lock of the tables.

import { anyColumns } from '../copy/check/code-guard.ts';
import { formatName } from '../model/identifier.ts';
import type { ChangeSchema } from '../model/step/schema-step.ts';
import { holdSchemas } from '../postgres/sql/held-names.ts';
import { ddl, examinedStatement, ident, qualified, type Sql } from '../postgres/sql/sql.ts';
import type { Executor } from './executor.ts';

/** A body may name what comes later. */
const unchecked = ddl`SET LOCAL check_function_bodies = off`;

/** Until they are done: what follows in the transaction is steep's own. */
const asRole = (role: string | undefined, statements: readonly Sql[]): readonly Sql[] =>
  role === undefined
    ? statements
    : [ddl`SET LOCAL ROLE ${ident(role)}`, ...statements, ddl`RESET ROLE`];

const statementsOf = ({ object, statements, role }: ChangeSchema): readonly Sql[] =>
  asRole(role, [
    ...(object.kind === 'function' ? [unchecked] : []),
    ...statements.map(examinedStatement),
  ]);

/** Until COMMIT no other session attaches anything to the tables. Of its own table the step takes the lock that it needs. */
const locksOf = ({ object, usesRowsOf = [], lock, role }: ChangeSchema): readonly Sql[] =>
  object.kind !== 'table' || usesRowsOf.length === 0
    ? []
    : asRole(
        role,
        usesRowsOf.map((name) =>
          formatName(name) === object.name && lock === 'ACCESS EXCLUSIVE'
            ? ddl`LOCK TABLE ${qualified(name)} IN ACCESS EXCLUSIVE MODE`
            : ddl`LOCK TABLE ${qualified(name)} IN SHARE UPDATE EXCLUSIVE MODE`,
        ),
      );

export const changeSchemaExecutor: Executor<ChangeSchema> = {
  transactional: true,
  reversible: ({ losesData }) => !losesData,
  lock: ({ lock }) => lock,
  sql: statementsOf,
  run: async (step, { session, guard }) => {
    const on = session(step.node);
    // Its own SET ROLE is no wall: what another table of that name attaches could RESET ROLE.
    await holdSchemas(on, 'all');
    for (const lock of locksOf(step)) await on.query(lock);
    const used = step.usesRowsOf ?? [];
    // As steep's own role: the owner of a table trusts itself.
    if (used.length > 0) await guard(on, 'alter', anyColumns(used));
    for (const statement of statementsOf(step)) await on.query(statement);
  },
  committed: async ({ id, node, object, statements }, { emit }) =>
    emit({
      event: 'schema.sync_applied',
      node_id: node,
      step: id,
      object: `${object.kind} ${object.name}`,
      statements: statements.length,
    }),
};
