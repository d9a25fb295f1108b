// What a run notes, on the subscriber, of the slot that an initial copy begins at.

import { readNotedAttempts, readSlotSighting } from '../../catalog/slots/read-slot-identity.ts';
import { slotChanged } from '../../copy/copy-failures.ts';
import { recordSlotIdentity } from '../../metadata/attempt-identity.ts';
import type { NodeName } from '../../model/state/address.ts';
import { metadataVersion } from '../../model/state/metadata-version.ts';
import { newSlotIdentity } from '../../model/state/slot-identity.ts';
import type { SnapshotReader } from '../../model/step/step.ts';
import type { Session } from '../../postgres/session.ts';
import type { RunContext } from '../executor.ts';

/** A slot, and the position that it was created at. */
interface SlotStart {
  readonly source: NodeName;
  readonly slot: string;
  readonly lsn: string;
}

type Reader = Pick<SnapshotReader, 'node' | 'subscription'>;

/** On a session of its own: a step of the subscriber may be in the middle of a transaction. */
export const noteApart = async <Result>(
  node: NodeName,
  context: RunContext,
  work: (metadata: Session) => Promise<Result>,
): Promise<Result> => {
  const metadata = await context.openMetadata(node);
  try {
    return await work(metadata);
  } finally {
    await metadata.close();
  }
};

/**
 * What tells the slot from any other. @throws SteepError COPY_SLOT_CHANGED where another session has read, dropped or
 * replaced it since it was created.
 */
export const noteSlotIdentity = async (
  { source, slot, lsn }: SlotStart,
  reader: Reader,
  context: RunContext,
): Promise<void> => {
  const session = await context.openSession(source);
  try {
    const identity = newSlotIdentity(slot, lsn, await readSlotSighting(session, slot));
    if (identity === null) {
      const why = `slot ${slot} is not at ${lsn}, where it was created`;
      throw slotChanged(source, { kind: 'other', why });
    }
    await noteApart(reader.node, context, (metadata) =>
      recordSlotIdentity(metadata, reader.subscription, identity),
    );
  } finally {
    await session.close();
  }
};

/**
 * The same for a slot that is there already. A run that was killed after the server created its slot could not note
 * it; at the position of the snapshot, any slot brings exactly what follows the snapshot.
 * @throws SteepError COPY_SLOT_CHANGED
 */
export const noteFoundSlot = async (
  start: SlotStart,
  reader: Reader,
  context: RunContext,
): Promise<void> => {
  const noted = await noteApart(reader.node, context, (metadata) =>
    readNotedAttempts(metadata, metadataVersion),
  );
  if ((noted.get(reader.subscription)?.slot ?? null) !== null) return;
  await noteSlotIdentity(start, reader, context);
};
