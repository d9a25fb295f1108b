// The source of a snapshot, for its deletion: the node, whether it is the right one, and what becomes of the slot.

import {
  readAnchors,
  readBackend,
  readDatabaseIdentity,
} from '../../catalog/metadata/read-anchors.ts';
import { dropAnchorStatement } from '../../executors/slot/slot-sql.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { UnreadNodes } from '../../model/report/read-result.ts';
import { exporterApplication } from '../../model/snapshot/snapshot.ts';
import {
  type AnchorReport,
  anchorReport,
  type Deletion,
} from '../../model/snapshot/snapshot-report.ts';
import { toFailure } from '../../postgres/failures.ts';
import { endExporter } from '../../snapshot/hold/snapshot-exporter.ts';
import { type ChosenNode, type NodeChoice, onlyNode } from '../chosen-nodes.ts';
import type { Run } from '../operation/open-run.ts';
import { assertOwnSlot } from './own-slot.ts';
import type { DescribedSnapshot } from './snapshot-subject.ts';

export interface SourceRequest {
  readonly file: string;
  /** Null: the node that the snapshot names. */
  readonly node: NodeChoice | null;
}

/** @throws SteepError SNAPSHOT_SOURCE where no node is known, or it is another database. */
export const openSource = async (
  subject: DescribedSnapshot,
  { file, node }: SourceRequest,
  run: Run,
): Promise<ChosenNode | UnreadNodes> => {
  const choice = node ?? named(subject);
  if (choice === null) throw unknownSource(subject, 'the snapshot does not name its node');
  const opened = await run.openChosen({ file, choices: [choice] }).catch((error: unknown) => {
    if (node !== null || !(error instanceof SteepError) || error.code !== 'USAGE') throw error;
    throw unknownSource(subject, `it is on node ${choice.node}, which ${file} does not have`);
  });
  if (opened.outcome !== 'open') {
    return { ...opened, diagnostics: opened.diagnostics.map(withWayOut) };
  }
  const source = onlyNode(opened);
  await assertSameDatabase(source, subject);
  return source;
};

const named = ({ source }: DescribedSnapshot): NodeChoice | null =>
  source === null ? null : { node: source, connection: null, as: source };

const keepSlot = 'To delete the files only, and keep the slot: --keep-slot';

const withWayOut = (diagnostic: Diagnostic): Diagnostic => ({
  ...diagnostic,
  suggestions: [...(diagnostic.suggestions ?? []), keepSlot],
});

const unknownSource = ({ slot }: DescribedSnapshot, why: string): SteepError =>
  new SteepError(
    'SNAPSHOT_SOURCE',
    slot === null
      ? `The source of the snapshot is not known: ${why}.`
      : `Slot ${slot} of the snapshot cannot be dropped: ${why}.`,
    { exit: ExitCode.refused, suggestions: ['Name the source: --node NAME, or -c URI', keepSlot] },
  );

const assertSameDatabase = async (
  { name, session }: ChosenNode,
  { identity }: DescribedSnapshot,
): Promise<void> => {
  if (identity === null) return;
  const here = await readDatabaseIdentity(session).catch((error: unknown) => {
    throw toFailure(error, { node: name, doing: 'reading the identity of the server' });
  });
  const isSame =
    here.systemIdentifier === identity.systemIdentifier && here.database === identity.database;
  if (isSame) return;
  throw new SteepError(
    'SNAPSHOT_SOURCE',
    `The snapshot is of database ${identity.database} of cluster ${identity.systemIdentifier}; node ${name} is database ${here.database} of cluster ${here.systemIdentifier}.`,
    { exit: ExitCode.refused, suggestions: ['Name its source: --node NAME, or -c URI', keepSlot] },
  );
};

/** What there is to take away on the source. @throws SteepError SNAPSHOT_SLOT_USED, SNAPSHOT_SLOT_UNKNOWN. */
export const examineSource = async (
  node: ChosenNode,
  subject: DescribedSnapshot,
  /** A slot that the user names. */
  agreed: string | null,
): Promise<Pick<Deletion, 'slot' | 'holder'>> => {
  const { name, session } = node;
  const { snapshotId, location, slot, lsn, holder } = subject;
  const [found] = slot === null ? [] : await readAnchors(session, [slot]);
  const anchor = anchorReport(found ?? null, lsn);
  if (slot !== null) {
    if (anchor.state !== 'missing' && slot !== agreed) await assertOwnSlot(node, slot, subject);
    assertUnused(slot, name, lsn, anchor);
  }
  return {
    slot: slot === null ? null : { name: slot, node: name, anchor },
    holder:
      holder === null || snapshotId === null
        ? null
        : await readBackend(session, holder, exporterApplication({ snapshotId, location })),
  };
};

const assertUnused = (
  slot: string,
  node: string,
  lsn: string | null,
  { state }: AnchorReport,
): void => {
  if (state !== 'active' && state !== 'moved') return;
  const why = state === 'active' ? 'is being read' : `was read, and is no longer at ${lsn}`;
  throw slotUsed(slot, node, why);
};

const slotUsed = (slot: string, node: string, why: string): SteepError =>
  new SteepError(
    'SNAPSHOT_SLOT_USED',
    `Node ${node}: slot ${slot} ${why}. It is used as the slot of a subscription, so the slot and the snapshot are kept.`,
    {
      exit: ExitCode.refused,
      suggestions: [
        `To see who reads it: SELECT * FROM pg_replication_slots WHERE slot_name = '${slot.replaceAll("'", "''")}';`,
        keepSlot,
      ],
    },
  );

/** Again: does nothing. @throws SteepError SNAPSHOT_SLOT_USED where it was read in the meantime. */
export const clearSource = async (
  { name, session }: ChosenNode,
  { snapshotId, location, slot, lsn, holder }: DescribedSnapshot,
): Promise<void> => {
  if (holder !== null && snapshotId !== null) {
    await endExporter(session, { snapshotId, location }, holder);
  }
  if (slot === null) return;
  try {
    const dropped = await session.query(dropAnchorStatement(slot, lsn));
    if (dropped.length > 0) return;
  } catch (error) {
    throw toFailure(error, { node: name, doing: `dropping slot ${slot}` });
  }
  const [found] = await readAnchors(session, [slot]);
  if (found !== undefined) throw slotUsed(slot, name, 'was read just now');
};
