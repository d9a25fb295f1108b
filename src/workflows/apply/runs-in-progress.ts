// Which nodes another steep is changing right now: what is read meanwhile may be half done.

import { describeHolder } from '../../catalog/metadata/read-lock-holder.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Session } from '../../postgres/session.ts';
import { readRunHolder } from '../../run/run-lock.ts';
import type { OpenNodes } from '../nodes.ts';

const inProgress = async (session: Session): Promise<readonly Diagnostic[]> => {
  // A session that breaks here breaks again where the node is read, and is reported there.
  const holder = await readRunHolder(session).catch(() => null);
  if (holder === null) return [];
  return [
    {
      severity: 'warning',
      code: 'RUN_IN_PROGRESS',
      summary: 'A run is changing this node',
      detail: `${describeHolder(holder)} holds the run lock of node ${session.node}: what it has not finished can look like drift.`,
      suggestions: ['Run the command again when that run has ended.'],
    },
  ];
};

/** One warning for each node, in order of name. */
export const runsInProgress = async ({ sessions }: OpenNodes): Promise<readonly Diagnostic[]> => {
  const ordered = [...sessions.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return (await Promise.all(ordered.map(([, session]) => inProgress(session)))).flat();
};
