// Watches one node: its server, its slots and snapshots, its audit log, and the edges that end in it. A node that fails is
// told, and tried again; the others never wait for it.

import { setTimeout as delay } from 'node:timers/promises';
import { readInitsAt } from '../../catalog/copies/read-inits.ts';
import { readSnapshotRecords } from '../../catalog/copies/read-snapshots.ts';
import { readAuditLog } from '../../catalog/metadata/read-audit-log.ts';
import { readMetadataVersion } from '../../catalog/metadata/read-metadata.ts';
import { mayReadQueue, readQueueLook } from '../../catalog/queue/read-queue-look.ts';
import { readNodeLook } from '../../catalog/server/read-node-look.ts';
import { keepSeenBeside, mayNoteSeen } from '../../metadata/keep-seen.ts';
import type { DesiredNode } from '../../model/state/state.ts';
import type { LogEntry, SnapshotLook } from '../../model/watch/watch-event.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { createWakeup } from '../../postgres/wakeup.ts';
import { type OpenNodes, openNodes } from '../nodes.ts';
import { makeListener } from './progress-listener.ts';
import { loseEdges, readEdges } from './watch-edges.ts';
import type { WatchHub } from './watch-hub.ts';

/** Milliseconds. A node is read at most once a second: when it tells that something moves, or else a little later. */
const readAtMostEvery = 1000;
const readEvery = 1500;
const tryAgainAfter = 2000;
/** A node that has not answered for so long is shown as lost while it is waited for. */
const silentAfterMs = 3000;

/** Snapshots of a node that are shown. */
const snapshotsShown = 10;

interface Watched {
  readonly node: DesiredNode;
  readonly session: Session;
  readonly metadata: Session;
  readonly hub: WatchHub;
  /** Statements, until the last look. */
  sent: number;
  /** The last line of the audit log that was read. */
  logRead: number;
  /** Whether the role may read the queue; null: not asked yet. */
  seesQueue: boolean | null;
}

const snapshotsOf = async (
  metadata: Session,
  version: number,
): Promise<readonly SnapshotLook[]> => {
  const records = await readSnapshotRecords(metadata, version);
  return records
    .filter(({ status }) => status !== 'deleted')
    .slice(0, snapshotsShown)
    .map((record) => ({
      snapshotId: record.snapshotId,
      location: record.location,
      status: record.status,
      phase: record.phase,
      silent: record.silent,
      error: record.error,
      tablesTotal: record.tablesTotal,
      tablesDone: record.tablesDone,
      rows: record.rows,
      bytesTotal: record.bytesTotal,
      bytesDone: record.bytesDone,
      storedBytes: record.storedBytes,
    }));
};

const readServer = async (watched: Watched) => {
  const { node, session, metadata, logRead } = watched;
  const server = await readNodeLook(session);
  const metadataVersion = await readMetadataVersion(metadata);
  const snapshots = await snapshotsOf(metadata, metadataVersion);
  const log: readonly LogEntry[] = await readAuditLog(metadata, node.name, {
    metadataVersion,
    after: logRead,
  });
  watched.logRead = log.at(-1)?.id ?? logRead;
  const inits = await readInitsAt(metadata, node.name, metadataVersion);
  watched.seesQueue ??= await mayReadQueue(metadata, metadataVersion);
  const queue = watched.seesQueue ? { queue: await readQueueLook(metadata, node.name) } : {};
  return { look: { ...server, metadataVersion, snapshots, ...queue }, log, inits };
};

const sentTo = ({ session, metadata }: Pick<Watched, 'session' | 'metadata'>): number =>
  session.sent + (metadata === session ? 0 : metadata.sent);

const readOnce = async (watched: Watched): Promise<void> => {
  const { node, hub, session } = watched;
  const { name } = node;
  const { look, log, inits } = await readServer(watched);
  hub.lost.delete(name);
  await readEdges(name, hub, session, inits);
  const sent = sentTo(watched);
  const statements = sent - watched.sent;
  watched.sent = sent;
  hub.emit({ event: 'watch.node', node: name, look: { ...look, statements }, log });
};

const lose = ({ node, hub }: Pick<Watched, 'node' | 'hub'>, code: string, message: string) => {
  hub.emit({ event: 'watch.node_lost', node: node.name, code, message });
  loseEdges(node.name, hub);
};

/** Told while it is silent; what it answers at last counts. */
const readPatiently = async (watched: Watched): Promise<void> => {
  const { node } = watched;
  const reading = readOnce(watched);
  const timer = setTimeout(() => {
    lose(
      watched,
      'UNREACHABLE',
      `Node ${node.name} has not answered for ${silentAfterMs / 1000} s.`,
    );
  }, silentAfterMs);
  try {
    await reading;
  } finally {
    clearTimeout(timer);
  }
};

/** Until the session is lost or the watch ends. */
const readOn = async (watched: Watched): Promise<void> => {
  const { metadata, node, hub } = watched;
  const wakeup = createWakeup();
  hub.signal.addEventListener('abort', wakeup.wake);
  hub.wakeups.set(node.name, wakeup.wake);
  const listener = makeListener(metadata, wakeup.wake, hub.runtime.clock);
  while (!hub.signal.aborted) {
    await listener.keep();
    await readPatiently(watched);
    await pause(readAtMostEvery, hub.signal);
    await wakeup.wokenWithin(readEvery - readAtMostEvery);
  }
};

/** Ended by the signal, without an error. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

const watchOpened = async (node: DesiredNode, opened: OpenNodes, hub: WatchHub): Promise<void> => {
  const session = opened.sessions.get(node.name);
  const metadata = opened.metadata.get(node.name);
  if (session === undefined || metadata === undefined) {
    const { code, detail } = opened.unreadable[node.name] ?? { code: 'UNREACHABLE', detail: '' };
    return lose({ node, hub }, code, detail ?? '');
  }
  const closeNow = (): void => void opened.close();
  hub.signal.addEventListener('abort', closeNow);
  let stopSeeing = async (): Promise<void> => undefined;
  try {
    if (hub.notesSeen && (await mayNoteSeen(metadata)))
      stopSeeing = await keepSeenBeside(metadata, node.name);
    await readOn({ node, session, metadata, hub, sent: 0, logRead: 0, seesQueue: null });
  } catch (error) {
    if (hub.signal.aborted) return;
    const failure = toFailure(error, { node: node.name, doing: 'watching it' });
    lose({ node, hub }, failure.code, failure.message);
  } finally {
    hub.signal.removeEventListener('abort', closeNow);
    hub.wakeups.delete(node.name);
    await stopSeeing();
    await opened.close();
  }
};

/** Until the watch ends. */
export const watchNode = async (node: DesiredNode, hub: WatchHub): Promise<void> => {
  const { project, runtime, signal } = hub;
  const options = { applicationName: 'steep watch', readOnly: true, interrupt: signal };
  while (!signal.aborted) {
    const opened = await openNodes([node], project.connections, options, runtime);
    if (!signal.aborted) await watchOpened(node, opened, hub);
    else await opened.close();
    await pause(tryAgainAfter, signal);
  }
};
