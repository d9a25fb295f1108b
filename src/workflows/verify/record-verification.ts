// Notes the result of an edge on its subscriber, so that status can show when its rows were compared last.

import { channel } from 'node:diagnostics_channel';
import { verificationsSince } from '../../catalog/metadata/read-verifications.ts';
import { storeVerification } from '../../metadata/verifications.ts';
import { warningChannel } from '../../model/plan/warnings.ts';
import type { VerifiedEdge } from '../../model/report/verification.ts';
import type { NodeState } from '../../model/state/state.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';

/**
 * @param complete every table of the edge was compared, so that what is on record of others is over.
 * Where steep_repl is not installed, or the role may not write to it, the result is in the report alone.
 */
export const recordVerification = async (
  edge: VerifiedEdge,
  state: NodeState | undefined,
  metadata: Session | undefined,
  complete: boolean,
): Promise<void> => {
  if (metadata === undefined || state === undefined || edge.tables.length === 0) return;
  if (state.server.metadataVersion < verificationsSince || state.server.inRecovery) return;
  try {
    await metadata.transaction({ readOnly: false }, () =>
      storeVerification(metadata, edge, complete),
    );
  } catch (error) {
    const doing = `noting the result of ${edge.address}`;
    channel(warningChannel).publish(toFailure(error, { node: metadata.node, doing }).message);
  }
};
