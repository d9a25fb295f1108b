// Decides whether the connection string in the catalog is the one that steep.yaml asks for, and which role it belongs to.
// Pure. The strings may hold passwords: only the verdict leaves this file.

import type { Conninfo } from '../../model/connection/conninfo.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { AsApplied, SubscriptionSpec } from '../../model/state/resource.ts';
import { parseConninfo } from '../../postgres/connect/conninfo-text.ts';
import { appliedText, type RememberedObject } from '../metadata/ownership.ts';
import { isRemembered } from './connection-hash.ts';

/** A way to reach a node: steep's own, or the one that the other nodes use. */
export interface Endpoint {
  readonly node: NodeName;
  readonly conninfo: Conninfo;
}

/** What steep.yaml asks a subscription to read from. */
export interface ExpectedConnection {
  readonly source: NodeName;
  /** Null: connections are not compared. */
  readonly conninfo: Conninfo | null;
}

export interface ConnectionFacts {
  /** pg_subscription.subconninfo; null: the role may not read it. */
  readonly live: string | null;
  readonly expected: ExpectedConnection | undefined;
  readonly applied: RememberedObject | undefined;
  readonly endpoints: readonly Endpoint[];
}

/** Compares all keywords, the password too; where they cannot be read, the salted hash of what was applied. */
export const connectionState = (facts: ConnectionFacts): SubscriptionSpec['connection'] => {
  const { live, expected, applied } = facts;
  if (expected === undefined || expected.conninfo === null) return 'unknown';
  if (live !== null)
    return parseConninfo(live)?.text === expected.conninfo.text ? 'current' : 'stale';
  const same = isApplied(applied, expected.conninfo);
  if (same === null) return 'unknown';
  return same ? 'current' : 'stale';
};

/** Whether each side is what was last applied; null: it cannot be read, or nothing was recorded. */
export const asApplied = (facts: ConnectionFacts): AsApplied => {
  const { live, expected, applied } = facts;
  return {
    live: live === null ? null : isApplied(applied, parseConninfo(live)),
    file:
      expected === undefined || expected.conninfo === null
        ? null
        : isApplied(applied, expected.conninfo),
  };
};

function isApplied(
  applied: RememberedObject | undefined,
  conninfo: Conninfo | null,
): boolean | null {
  const salt = appliedText(applied, 'connection', 'salt');
  const hash = appliedText(applied, 'connection', 'hash');
  if (salt === null || hash === null) return null;
  return conninfo !== null && isRemembered(conninfo, { salt, hash });
}

/** The node that the subscription reads from; null: none of the file's nodes. */
export const sourceOfConnection = (facts: ConnectionFacts): NodeName | null => {
  const applied = appliedText(facts.applied, 'source');
  if (applied !== null && facts.endpoints.some(({ node }) => node === applied)) return applied;
  if (facts.live === null) return facts.expected?.source ?? null;
  const live = parseConninfo(facts.live);
  return facts.endpoints.find(({ conninfo }) => conninfo.endpoint === live?.endpoint)?.node ?? null;
};

/** Whether a password is in the catalog; null: it cannot be read. An unreadable string counts as one. */
export const holdsPassword = (live: string | null): boolean | null =>
  live === null ? null : (parseConninfo(live)?.hasPassword ?? true);
