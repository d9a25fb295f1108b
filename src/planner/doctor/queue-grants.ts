// What the queue needs: of a role that adds operations, and of the one whose steep worker runs them.

import { compareNames, formatName, quoteIdentifier } from '../../model/identifier.ts';
import type { Grant } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import { readGrants } from '../rights/read-grants.ts';
import { grant, unlessEmpty } from './grant.ts';
import type { Needs } from './needs.ts';

const kinds = ['init', 'apply', 'snapshot', 'verify', 'merge'] as const;

/** The queue, and for steep ops: the version, how far operations are, and what they did. */
const read = [
  'work_queue',
  'nodes',
  'schema_version',
  'init_progress',
  'snapshots',
  'audit_log',
] as const;

const functionOf = (kind: (typeof kinds)[number]): string => `${metadataSchema}.start_${kind}`;

const placeOf = ({ state }: NodeFacts): string => {
  const { database } = state.ownership.metadata;
  return database === state.server.database ? '' : ` Run this in database ${database}.`;
};

/** Each kind of operation is a right of its own: leave out what the role is not to ask for. */
export const queueGrants = (node: NodeFacts, role: string): readonly Grant[] => {
  const name = quoteIdentifier(role);
  const statements = [
    `GRANT USAGE ON SCHEMA ${metadataSchema} TO ${name};`,
    `GRANT SELECT ON ${read.map((table) => `${metadataSchema}.${table}`).join(', ')} TO ${name};`,
    `GRANT INSERT ON ${metadataSchema}.work_queue TO ${name};`,
    ...kinds.map((kind) => `GRANT EXECUTE ON FUNCTION ${functionOf(kind)} TO ${name};`),
    `GRANT UPDATE (cancel_requested_at) ON ${metadataSchema}.work_queue TO ${name};`,
    `GRANT EXECUTE ON FUNCTION ${metadataSchema}.cancel_work TO ${name};`,
  ];
  if (node.state.ownership.metadata.schema === null) {
    const later = `${metadataSchema} does not exist yet. After the first steep apply, run the script again, which then contains:${placeOf(node)}`;
    return [grant([later, ...statements], [])];
  }
  return [
    grant(
      [
        `To add operations, and to cancel its own. Each kind is a right of its own: leave out what it is not to add.${placeOf(node)}`,
        'Operations run with the rights of the worker: start_init, start_apply and start_merge do what steep.yaml says.',
      ],
      statements,
    ),
  ];
};

/** Beside what apply needs: verifications and snapshots read the rows of every table that is sent or received. */
export const workingGrants = (
  { filledTables, copiedTables }: Pick<Needs, 'filledTables' | 'copiedTables'>,
  role: string,
): readonly Grant[] => {
  const names = new Map([...filledTables, ...copiedTables].map((it) => [formatName(it), it]));
  const tables = [...names.values()].sort(compareNames);
  return unlessEmpty(
    grant('To verify and to write snapshots: a worker runs both.', readGrants(tables, role)),
  );
};
