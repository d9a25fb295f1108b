// A merge that was begun, and that steep.yaml asks for in another way by now. Its subscriptions wait, disabled: enabled
// without it they would leave rows different, and nothing would report that.

import { formatName } from '../../../model/identifier.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { steepCommand } from '../../../model/steep-command.ts';
import type { PlanContext } from '../../context/context.ts';
import { copiedTablesOf } from '../../facts/pairs/copied-pair.ts';
import { type MergedPair, waitsForMerge } from '../../facts/pairs/merged-pair.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** @param pair as steep.yaml asks for it; null: it asks for no merge of this subscription. */
export const unfinishedMerge = (
  sub: Subscription,
  pair: MergedPair | null,
  context: PlanContext,
): FoundHazard | null => {
  if (!waitsForMerge(sub, context)) return null;
  if (pair === null) return otherMethod(sub);
  return joins(sub, context) ? joinedTooEarly(sub, pair) : null;
};

const giveUp =
  'Or give the merge up: take the pair out of steep.yaml and apply with --prune; then begin again.';

const otherMethod = ({ node, name, address }: Subscription): FoundHazard =>
  hazard(
    'block',
    'MERGE_UNFINISHED',
    address,
    `Subscription ${name} on node ${node} waits for a merge that was begun and not finished, and steep.yaml no longer asks for it: enabled now, it would leave rows different on the two nodes, without an error.`,
    `Write init: { method: merge } again and apply, which finishes it. ${giveUp}`,
  );

const joins = (sub: Subscription, context: PlanContext): boolean => {
  const begun = new Set(copiedTablesOf(context.have, sub).map(formatName));
  return copiedTablesOf(context.want, sub).some((table) => !begun.has(formatName(table)));
};

/** What is written to it between the merge and the refresh would be sent, and not applied. */
const joinedTooEarly = ({ node, name, address }: Subscription, pair: MergedPair): FoundHazard =>
  hazard(
    'block',
    'MERGE_UNFINISHED',
    address,
    `Subscription ${name} on node ${node} waits for a merge that was begun without all of the tables that pair ${pair.name} has now.`,
    `Apply with the tables that it was begun with, and add the others afterwards. ${giveUp}`,
  );

export const halfWritten = ({ name, a, b, forth }: MergedPair): FoundHazard =>
  hazard(
    'warning',
    'MERGE_INTERRUPTED',
    forth.address,
    `The merge of pair ${name} ended between the commits of its nodes: ${a} has the merged rows, ${b} does not yet. This plan finishes it; what applications have written since on one node counts, and where they have written the same row on both, the strategy decides.`,
    'Apply soon: until then the nodes differ, and the slots keep WAL.',
  );

/** Both nodes were written to since, and neither has locked the other out: what PostgreSQL does with conflicts counts. */
export const unfinishedStart = ({ name, a, b, forth }: MergedPair): FoundHazard =>
  hazard(
    'warning',
    'MERGE_INTERRUPTED',
    forth.address,
    `The merge of pair ${name} ended after nodes ${a} and ${b} had both committed its rows, before they replicate. This plan starts replication from there. Where applications have written the same row on both nodes since, each node gets the row of the other, and the rows differ.`,
    'Apply soon, and compare the rows afterwards: steep verify.',
  );

/** The pair was created with another init: to say that nothing is to be done would be taken for a merge. */
export const neverMerged = ({ name, a, b, forth }: MergedPair): FoundHazard =>
  hazard(
    'block',
    'MERGE_REPLICATING',
    forth.address,
    `Pair ${name} replicates already, and no merge of nodes ${a} and ${b} is on record: rows that differed when it was created still differ. A merge would take rows that were received for rows of the node.`,
    `Compare the rows: ${steepCommand`steep verify`}. If they are the same, write init: { method: none }. To merge them, take the pair out of steep.yaml and apply with --prune; then put it back and apply.`,
  );
