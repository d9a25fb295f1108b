// Grants for the settings that steep changes in its sessions and the functions that it calls.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { Grant } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { grant, unlessEmpty } from '../doctor/grant.ts';
import type { Needs } from '../doctor/needs.ts';
import { executeGrant, logSnapshot, originAdvance, originProgress, readFile } from './functions.ts';
import { parameterGrants, parametersFor } from './parameters.ts';

/** Such a subscription is told by steep where to begin. */
export const setsOrigin = ({ init, largeTables }: DesiredSubscription): boolean =>
  init === 'manual' || largeTables !== undefined;

export const calling = (node: NodeFacts, needs: Needs, role: string): readonly Grant[] => [
  ...settings(node, needs, role),
  ...origins(node, needs, role),
  ...slots(node, needs, role),
];

const settings = (
  { state: { server } }: NodeFacts,
  { incoming }: Needs,
  role: string,
): readonly Grant[] =>
  unlessEmpty(
    grant(
      [
        'To fill tables without their triggers and foreign keys, as PostgreSQL does when it applies changes;',
        'and to keep the password of a subscription out of the log of the server.',
      ],
      parameterGrants(parametersFor(incoming, server), server, role),
    ),
  );

/** Up to 15 the role is a superuser, or there is no subscription. */
const origins = (
  { state: { server } }: NodeFacts,
  { incoming }: Needs,
  role: string,
): readonly Grant[] => {
  if (incoming.length === 0 || !server.features.createSubscriptionRole) return [];
  const progress = grant(
    'To read how far a subscription has applied, when its publications get other names.',
    [executeGrant([originProgress], role)],
  );
  if (!incoming.some(setsOrigin)) return [progress];
  return [
    progress,
    grant(
      [
        'To set where a subscription begins, after a physical copy (steep init complete). The position is read from a file',
        'of the server: without that right, which opens all files of its data directory, give it with --source-lsn.',
      ],
      [executeGrant([originAdvance], role)],
      [executeGrant([readFile], role)],
    ),
  ];
};

/** Before 16 a checkpoint does it. */
const slots = (
  { state: { server } }: NodeFacts,
  { outgoing }: Needs,
  role: string,
): readonly Grant[] => {
  if (outgoing.length === 0) return [];
  const { logsSnapshots, checkpointRole } = server.features;
  const sql = logsSnapshots
    ? [executeGrant([logSnapshot], role)]
    : checkpointRole
      ? [`GRANT pg_checkpoint TO ${quoteIdentifier(role)};`]
      : [];
  return unlessEmpty(
    grant(
      'To let slots move on at once; without it, some steps wait up to 15 seconds longer.',
      sql,
    ),
  );
};
