// Gives up a snapshot that was not finished: its moment, its slot, its files.

import { dropSlotStatement } from '../../executors/slot/slot-sql.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { journalFile } from '../../model/snapshot/snapshot.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { endExporter } from '../../snapshot/hold/snapshot-exporter.ts';
import type { Journal } from '../../snapshot/manifest/journal.ts';
import { ownFiles } from '../../snapshot/manifest/own-files.ts';
import type { Storage } from '../../snapshot/storage/storage.ts';
import { sideBySide } from '../../snapshot/stream/side-by-side.ts';
import type { ChosenNode } from '../chosen-nodes.ts';
import { assertOwnSlot } from './own-slot.ts';

/**
 * What the earlier run has made: the moment, the slot, the files; the journal last, so that this can be done again.
 * @throws SteepError SNAPSHOT_OCCUPIED, and as assertOwnSlot does: anyone who can write to the folder wrote the
 * journal.
 */
export const giveUp = async (
  node: ChosenNode,
  storage: Storage,
  { intent, header }: Journal,
  /** As the command line names it. */
  named: string | false | null,
): Promise<void> => {
  const { session } = node;
  const at = { ...intent, location: storage.location };
  await storage.removePartials();
  const { own, foreign } = await ownFiles(storage, null);
  if (foreign.length > 0) {
    throw new SteepError(
      'SNAPSHOT_OCCUPIED',
      `${storage.location} has files that are not part of the snapshot: ${foreign.slice(0, 5).join(', ')}.`,
      { exit: ExitCode.refused, suggestions: ['Move them, and run the same command again.'] },
    );
  }
  if (intent.slot !== null && intent.slot !== named && (await isSlot(session, intent.slot))) {
    await assertOwnSlot(node, intent.slot, at);
  }
  if (header !== null) await endExporter(session, at, header.holder);
  if (intent.slot !== null) await dropUnread(session, intent.slot);
  await sideBySide(
    own.filter(({ path }) => path !== journalFile),
    4,
    ({ path }) => storage.remove(path),
  );
  await storage.remove(journalFile);
};

async function dropUnread(session: Session, slot: string): Promise<void> {
  if (!(await isSlot(session, slot))) return;
  try {
    await session.query(dropSlotStatement(slot));
  } catch (error) {
    throw toFailure(error, { node: session.node, doing: `dropping slot ${slot}` });
  }
}

export const isSlot = async (session: Session, slot: string): Promise<boolean> => {
  const found = await session.query(sql`
    SELECT s.slot_name FROM pg_catalog.pg_replication_slots AS s WHERE s.slot_name = ${slot}`);
  return found.length > 0;
};
