// Functions that a plan creates: only their owner may call them, and the owners of the tables of the same plan, whose
// defaults and checks call them. Pure.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { AdmittedStatement } from '../../model/schema/schema-change.ts';
import { signatureIn } from './known-functions.ts';
import type { ParsedStatement } from './parse-statement.ts';

export interface ParsedAdmission {
  readonly statement: AdmittedStatement;
  readonly parsed: ParsedStatement;
}

/** The statements, each creation of a function followed by its rights. @param ownRole as which steep is connected. */
export const withFunctionRights = (
  admitted: readonly ParsedAdmission[],
  ownRole: string,
): readonly AdmittedStatement[] => {
  const users = new Set(
    admitted
      .filter(({ statement }) => statement.object.kind === 'table')
      .map(({ statement }) => statement.role ?? ownRole),
  );
  return admitted.flatMap(({ statement, parsed }) =>
    statement.object.kind === 'function' && statement.verb === 'create'
      ? [statement, ...rightsOf(statement, signatureIn(parsed), users, ownRole)]
      : [statement],
  );
};

const rightsOf = (
  statement: AdmittedStatement,
  signature: string,
  users: ReadonlySet<string>,
  ownRole: string,
): readonly AdmittedStatement[] => {
  const others = [...users].filter((user) => user !== (statement.role ?? ownRole)).toSorted();
  const statements = [
    `REVOKE ALL ON FUNCTION ${signature} FROM PUBLIC`,
    ...others.map((user) => `GRANT EXECUTE ON FUNCTION ${signature} TO ${quoteIdentifier(user)}`),
  ];
  return statements.map((sql) => ({ ...statement, sql, code: [] }));
};
