// What must be so before a merge locks anything: both subscriptions wait, and the role may do all that comes after the
// commits.

import { SteepError } from '../model/errors.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import { sql } from '../postgres/sql/sql.ts';
import type { MergeEnd } from './merge-work.ts';
import { type BothNodes, otherSide } from './merged-table.ts';

interface Beginning {
  readonly enabled: boolean | null;
  readonly advances: boolean;
  /** Null: there is no publication. */
  readonly sendsAll: boolean | null;
}

/** @throws SteepError MERGE_NOT_READY */
export const beginBoth = async (
  writing: BothNodes,
  ends: Readonly<Record<MergeSide, MergeEnd>>,
): Promise<void> => {
  for (const side of ['a', 'b'] as const) {
    const why = reasonOf(
      await readBeginning(writing[side], ends[side], ends[otherSide(side)].publication),
      ends[side],
    );
    if (why !== null) throw notReady(ends[side], why);
  }
};

const readBeginning = async (
  session: Session,
  { subscription }: MergeEnd,
  publication: string,
): Promise<Beginning> => {
  const [row] = await session.query<Beginning>(sql`
    SELECT (SELECT s.subenabled FROM pg_catalog.pg_subscription AS s
              JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
             WHERE s.subname = ${subscription}) AS enabled,
           pg_catalog.has_function_privilege('pg_catalog.pg_replication_origin_advance(text, pg_lsn)', 'EXECUTE')
             AND pg_catalog.has_function_privilege('pg_catalog.pg_replication_origin_progress(text, boolean)', 'EXECUTE') AS advances,
           (SELECT p.pubinsert AND p.pubupdate AND p.pubdelete FROM pg_catalog.pg_publication AS p
             WHERE p.pubname = ${publication}) AS "sendsAll"`);
  return row ?? { enabled: null, advances: false, sendsAll: null };
};

const reasonOf = (
  { enabled, advances, sendsAll }: Beginning,
  { subscription }: MergeEnd,
): string | null => {
  if (enabled === null) return `it has no subscription ${subscription}`;
  if (enabled) return `subscription ${subscription} is enabled, and may have received rows already`;
  if (!advances) return 'the role may not set the position of replication origins';
  // What it does not send could be overwritten without being noticed, above all when an interrupted merge is finished.
  return sendsAll === true ? null : 'its publication does not send INSERT, UPDATE and DELETE';
};

const notReady = ({ node, subscription }: MergeEnd, why: string): SteepError =>
  new SteepError(
    'MERGE_NOT_READY',
    `Node ${node} cannot be merged: ${why}. Nothing was changed on either node.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `See how the node is: steep status. A subscription that was enabled by hand: ALTER SUBSCRIPTION ${subscription} DISABLE; then compare: steep verify.`,
        'The right: GRANT EXECUTE ON FUNCTION pg_replication_origin_advance(text, pg_lsn), pg_replication_origin_progress(text, boolean) TO …;',
        'A publication: leave out publish of the pair in steep.yaml until the nodes are merged.',
      ],
    },
  );
