// Opens a node's replication_connection as a subscriber would, asks who answers, and creates nothing.

import { readReplicationIdentity } from '../../catalog/server/read-replication-role.ts';
import type { Conninfo } from '../../model/connection/conninfo.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { ReplicationProbe } from '../../model/report/doctor-facts.ts';
import type { NodeName } from '../../model/state/address.ts';
import { toFailure } from '../../postgres/failures.ts';
import { openSession } from '../../postgres/session.ts';
import { statementOptions } from '../nodes.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export interface ProbeOptions {
  readonly node: NodeName;
  /** It is steep's own connection, whose password this machine has. */
  readonly sameAsOwn: boolean;
  readonly runtime: RuntimeEnvironment;
}

/** From this machine: a refusal may mean nothing where the password is on the subscriber's. */
export const probeReplication = async (
  conninfo: Conninfo,
  { node, sameAsOwn, runtime }: ProbeOptions,
): Promise<ReplicationProbe> => {
  const passwordKnown = conninfo.hasPassword || sameAsOwn;
  if (!passwordKnown && conninfo.get('passfile') === undefined) {
    return { kind: 'not-tried', why: 'its password is not known here.' };
  }
  try {
    const session = await openSession(conninfo, {
      node,
      applicationName: 'steep doctor',
      readOnly: true,
      replication: 'database',
      ...statementOptions(node, runtime),
    });
    try {
      const { passwordAsked } = session;
      return { kind: 'reached', ...(await readReplicationIdentity(session)), passwordAsked };
    } finally {
      await session.close();
    }
  } catch (error) {
    const doing = 'opening its replication_connection';
    const { code, message, suggestions } = toFailure(error, {
      node,
      doing,
      exit: ExitCode.incomplete,
    });
    return { kind: 'failed', code, message, suggestions, passwordKnown };
  }
};
