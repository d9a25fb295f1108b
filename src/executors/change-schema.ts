// DDL on one object of a subscriber, in one transaction. The statements come with the step: the engine made
// them from the catalogs when the plan was made, and again under the lock.

import type { ChangeSchema } from '../model/step.ts';
import { ddl, engineSql } from '../postgres/sql.ts';
import type { Executor } from './executor.ts';

/** A body may name what comes later. */
const unchecked = ddl`SET LOCAL check_function_bodies = off`;

export const changeSchema: Executor<ChangeSchema> = {
  transactional: true,
  reversible: ({ losesData }) => !losesData,
  lock: ({ lock }) => lock,
  sql: ({ object, statements }) => [
    ...(object.kind === 'function' ? [unchecked] : []),
    ...statements.map(engineSql),
  ],
};
