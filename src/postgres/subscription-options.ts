// The options of CREATE SUBSCRIPTION … WITH by major version, in the order the manual lists them.
// Only data: versions.ts compares. connect, create_slot, copy_data, enabled and slot_name act once or are
// fields of their own, so they are not here.

import type { SubscriptionOptionFact } from '../model/state/server.ts';

export interface VersionedOption {
  readonly name: string;
  /** The first major that has it. */
  readonly since: number;
  /** What holds from a major on; the last one that applies counts. */
  readonly facts: readonly (Omit<SubscriptionOptionFact, 'name'> & { readonly since: number })[];
}

const since = (
  major: number,
  name: string,
  ...facts: readonly (readonly [
    major: number,
    default_: string,
    alter: SubscriptionOptionFact['alter'],
  ])[]
): VersionedOption => ({
  name,
  since: major,
  facts: facts.map(([from, value, alter]) => ({ since: from, default: value, alter })),
});

/** The oldest supported major. */
const first = 14;

export const versionedOptions: readonly VersionedOption[] = [
  since(first, 'binary', [first, 'false', 'online']),
  since(first, 'streaming', [first, 'off', 'online'], [18, 'parallel', 'online']),
  since(first, 'synchronous_commit', [first, 'off', 'online']),
  since(15, 'two_phase', [15, 'false', 'never'], [18, 'false', 'disabled']),
  since(15, 'disable_on_error', [15, 'false', 'online']),
  since(16, 'password_required', [16, 'true', 'online']),
  since(16, 'run_as_owner', [16, 'false', 'online']),
  since(16, 'origin', [16, 'any', 'online']),
  since(17, 'failover', [17, 'false', 'disabled']),
];
