// The pg_dump of this machine, looked at where the file asks for one: an old one, or none, must be known before
// anything is changed.

import type { DesiredState, LiveState } from '../../model/state/state.ts';
import { dumpsLargeTables } from '../../planner/facts/large-tables.ts';
import { dumpProgram, readDumpVersion } from '../../postgres/connect/pg-dump.ts';
import { canDump, formatVersion } from '../../postgres/versions.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';

export const readDumpTool = async (
  live: LiveState,
  { desired }: { readonly desired: DesiredState },
  { environment }: RuntimeEnvironment,
): Promise<LiveState> => {
  const asks = desired.subscriptions.some((sub) => dumpsLargeTables(sub.largeTables));
  if (!asks) return live;
  const version = await readDumpVersion(environment);
  const serves = Object.values(live.nodes)
    .filter(({ server }) => version !== null && canDump(version, server.versionNumber))
    .map(({ node }) => node);
  return {
    ...live,
    dumpTool: {
      program: dumpProgram(environment),
      version: version === null ? null : formatVersion(version),
      serves,
    },
  };
};
