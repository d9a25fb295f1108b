// What makes a server unfit to take part, whatever the plan. Pure: judges facts that were read before.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ServerFacts } from '../../model/state/server.ts';
import { formatVersion, isSupported, minimumVersion } from '../../postgres/versions.ts';

/** Findings about one node; none: it can take part. */
export const checkServer = (
  node: NodeName,
  facts: Pick<ServerFacts, 'versionNumber' | 'inRecovery' | 'host' | 'port'>,
): readonly Diagnostic[] => [
  ...(isSupported(facts.versionNumber) ? [] : [tooOld(node, facts.versionNumber)]),
  ...(facts.inRecovery ? [inRecovery(node, `${facts.host}:${facts.port}`)] : []),
];

/**
 * Before the first query: older catalogs lack columns that introspection reads.
 * @throws SteepError SERVER_TOO_OLD, with exit 7 (incomplete).
 */
export const assertServerSupported = (node: NodeName, versionNumber: number): void => {
  if (isSupported(versionNumber)) return;
  const { code, detail, suggestions = [] } = tooOld(node, versionNumber);
  throw new SteepError(code, detail, { suggestions, exit: ExitCode.incomplete });
};

function tooOld(node: NodeName, versionNumber: number): Diagnostic {
  const oldest = formatVersion(minimumVersion).replace(/\.0$/, '');
  return {
    severity: 'error',
    code: 'SERVER_TOO_OLD',
    summary: 'The server is older than steep supports',
    detail: `Node ${node} runs PostgreSQL ${formatVersion(versionNumber)}; steep needs ${oldest} or later.`,
    suggestions: ['Upgrade the server with pg_upgrade, or leave the node out of steep.yaml.'],
  };
}

function inRecovery(node: NodeName, endpoint: string): Diagnostic {
  return {
    severity: 'error',
    code: 'IN_RECOVERY',
    summary: 'The server is a standby',
    detail:
      `Node ${node} at ${endpoint} is in recovery: a standby cannot have publications or subscriptions ` +
      'of its own.',
    suggestions: [
      'Give the address of its primary: SELECT sender_host, sender_port FROM pg_stat_wal_receiver',
      'If it should become a primary: SELECT pg_catalog.pg_promote()',
    ],
  };
}
