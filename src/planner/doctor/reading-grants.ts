// What a role needs that only reads: `steep plan`, `steep drift` and `steep status`. It can create, change and
// replicate nothing, and reads no column of a table of users.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { Grant } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import { schemaGrants } from '../rights/read-grants.ts';
import { grant, unlessEmpty } from './grant.ts';
import type { Needs } from './needs.ts';

export type ReadingCommand = 'plan' | 'drift';

export const readingGrants = (
  command: ReadingCommand,
  node: NodeFacts,
  needs: Needs,
  role: string,
): readonly Grant[] => [
  memory(node, role),
  ...(command === 'plan' ? looking(needs.filledTables, role) : []),
  ...connections(needs, role),
  grant(
    [
      'Nothing else. What PUBLIC may do, this role may do too: before PostgreSQL 15 PUBLIC has CREATE on schema public,',
      'unless REVOKE CREATE ON SCHEMA public FROM PUBLIC was run.',
    ],
    [],
  ),
];

/** To read steep_repl. Tables of later versions of it are made by its owner, which is given as SQL has it. */
export const readMetadataGrants = (owner: string, role: string): readonly string[] => {
  const name = quoteIdentifier(role);
  return [
    `GRANT USAGE ON SCHEMA ${metadataSchema} TO ${name};`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${metadataSchema} TO ${name};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA ${metadataSchema} GRANT SELECT ON TABLES TO ${name};`,
  ];
};

/** In the script: with the statements, or with what to run once there is a steep_repl. */
const memory = ({ state }: NodeFacts, role: string): Grant => {
  const { database, schema } = state.ownership.metadata;
  const place = database === state.server.database ? '' : ` Run this in database ${database}.`;
  if (schema !== null) {
    return grant(
      `${metadataSchema}: the records of steep on this node, and the tables that later versions of it add.${place}`,
      readMetadataGrants(quoteIdentifier(schema.owner), role),
    );
  }
  return grant(
    [
      `${metadataSchema} does not exist yet. After the first steep apply, run the script again, which then contains:${place}`,
      ...readMetadataGrants('OWNER', role),
    ],
    [],
  );
};

/** The system columns tell whether a table is empty, and whether rows are those of a copy. */
const looking = (tables: readonly QualifiedName[], role: string): readonly Grant[] =>
  unlessEmpty(
    grant(
      [
        'Whether the tables that are filled hold rows, and whether an interrupted copy stored them. These are system',
        'columns: no value of a row can be read with them. Tables with row security are treated as not empty.',
      ],
      [
        ...schemaGrants(tables, role),
        ...tables.map(
          (table) =>
            `GRANT SELECT (tableoid, xmin) ON ${formatName(table)} TO ${quoteIdentifier(role)};`,
        ),
      ],
    ),
  );

const connections = ({ incoming }: Needs, role: string): readonly Grant[] =>
  incoming.length === 0
    ? []
    : [
        grant(
          [
            'The connection strings of subscriptions may hold passwords and are not granted: what steep wrote last is',
            'compared, by a hash. Only to compare what others may have changed since:',
          ],
          [],
          [`GRANT SELECT (subconninfo) ON pg_catalog.pg_subscription TO ${quoteIdentifier(role)};`],
        ),
      ];
