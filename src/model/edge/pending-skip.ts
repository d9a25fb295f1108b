// ALTER SUBSCRIPTION ... SKIP: what removes it, and what brings the rows in line once a transaction was skipped.

import { quoteIdentifier } from '../identifier.ts';
import { addressOf, type NodeName } from '../state/address.ts';
import { steepCommand } from '../steep-command.ts';

/** On the subscriber. */
export const resetSkip = (subscription: string): string =>
  `ALTER SUBSCRIPTION ${quoteIdentifier(subscription)} SKIP (lsn = NONE);`;

export const repairOf = (node: NodeName, subscription: string): string =>
  steepCommand`steep repair ${addressOf(node, 'subscription', subscription)}`;
