// What the rows of a merge refer to: a session of replication does not check it.

import { countAll, type MayDangle, readDanglingWithin } from '../catalog/repair/read-dangling.ts';
import { SteepError } from '../model/errors.ts';
import { formatName, type QualifiedName } from '../model/identifier.ts';
import { plural } from '../model/listing.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { DanglingReference } from '../model/report/repair.ts';
import type { MergeSide } from '../model/state/merge.ts';
import type { Session } from '../postgres/session.ts';
import { inBoth } from './in-both.ts';
import type { MergeSessions, MergeWork } from './merge-work.ts';

/**
 * On both nodes at once: their writers wait.
 * @param mayDangle of each node.
 * @throws SteepError MERGE_DANGLING: rows refer to rows that are not there, and did not before.
 */
export const assertReferences = async (
  { writing, rows }: MergeSessions,
  { guardReads, progress }: MergeWork,
  names: readonly QualifiedName[],
  mayDangle: Readonly<Record<MergeSide, MayDangle>>,
): Promise<void> => {
  await inBoth(async (side) => {
    const held = new Set(names.map(formatName));
    const read = (session: Session, may: MayDangle) =>
      readDanglingWithin(session, names, guardReads, may, held);
    const found = await read(writing[side], mayDangle[side]);
    if (found.length === 0) return;
    // The other session does not see what is not committed. What the first one holds is not to be locked again.
    const before = await rows[side].transaction({ readOnly: true }, () =>
      read(rows[side], countAll),
    );
    const more = found.filter((it) => (it.rows ?? 0) > rowsOf(it, before));
    if (more.length > 0) throw dangling(writing[side], more);
    for (const { table, constraint } of found.filter(({ rows: count }) => count === null)) {
      progress(`${table}, ${constraint}: not checked, since reading would run code of others`);
    }
  });
};

const rowsOf = (of: DanglingReference, before: readonly DanglingReference[]): number =>
  before.find(({ table, constraint }) => table === of.table && constraint === of.constraint)
    ?.rows ?? 0;

const dangling = ({ node }: Session, found: readonly DanglingReference[]): SteepError =>
  new SteepError(
    'MERGE_DANGLING',
    `Node ${node}: merged rows would refer to rows that are not there: ${found.map(({ table, constraint, rows }) => `${table}, ${constraint}: ${plural(rows ?? 0, 'row')}`).join('; ')}. Nothing was changed on either node.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        'Add the tables that are referred to to the pair, or insert the missing rows; then run the same command again.',
      ],
    },
  );
