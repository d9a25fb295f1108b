// Lets the publisher parse row filters that it does not have yet: PREPARE looks up columns, operators and types, plans nothing
// and calls nothing.

import type { FilterFault, WrittenFilter } from '../../model/state/filter-fault.ts';
import { sqlState } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { isExpression } from '../../postgres/sql/expression.ts';
import { ddl, qualified, verbatim } from '../../postgres/sql/sql.ts';

/** What the text of a filter itself is refused for: syntax, a column, an operator or a function, a type, a literal. */
const ofText: ReadonlySet<string | null> = new Set(['42601', '42703', '42883', '42804', '22P02']);

const faultOf = async (session: Session, { table, where }: WrittenFilter) => {
  if (!isExpression(where)) return 'it is not one expression with balanced parentheses and quotes';
  try {
    await session.transaction({ readOnly: true }, async () => {
      await session.query(
        ddl`PREPARE steep_filter AS SELECT FROM ${qualified(table)} WHERE (${verbatim(where)})`,
      );
      await session.query(ddl`DEALLOCATE steep_filter`);
    });
    return null;
  } catch (error) {
    if (!ofText.has(sqlState(error))) return null;
    return error instanceof Error ? error.message : String(error);
  }
};

/** Filters that the server cannot read, with its reason. What it refuses for another cause is not found here. */
export const readFilterFaults = async (
  session: Session,
  filters: readonly WrittenFilter[],
): Promise<readonly FilterFault[]> => {
  const faults: FilterFault[] = [];
  for (const filter of filters) {
    const why = await faultOf(session, filter);
    if (why !== null) faults.push({ ...filter, why });
  }
  return faults;
};
