// What brings the subscriber from what it is to what it should be: prerequisites first, then all the rest.

import { plan } from '@supabase/pg-delta/plan';
import { formatName } from '../../model/identifier.ts';
import type { SchemaProposal, SentTable } from '../../model/schema/schema-change.ts';
import { withPrerequisites } from './prerequisites.ts';
import { type Sides, statementsOf } from './statements.ts';

/** The engine throws where PostgreSQL has no statement for a change, such as to the type of an attribute that is in use. */
export const statementsBetween = (
  sides: Sides,
  published: readonly { readonly tables: readonly SentTable[] }[],
): Pick<SchemaProposal, 'statements' | 'refused'> => {
  const { current, wanted } = sides;
  const between = withPrerequisites(current, wanted);
  try {
    const statements = [[current, between] as const, [between, wanted] as const].flatMap(
      ([from, to]) => statementsOf(plan(from, to, { renames: 'off' }), sides),
    );
    return { statements, refused: [] };
  } catch (error) {
    const [first] = published.flatMap(({ tables }) => tables);
    if (!(error instanceof Error) || first === undefined) throw error;
    return {
      statements: [],
      refused: [
        {
          sql: 'the changes of all tables that are published',
          object: { kind: 'table', name: formatName(first.table) },
          why: `steep has no statement for one of them: ${error.message}`,
          cure: 'Make this change by hand on the subscriber; then plan again.',
        },
      ],
    };
  }
};
