// Reads one node: the server, its tables and everything that steep could manage, in one snapshot.
// Only SELECT. Decides nothing: the planner does.

import { compareText } from '../model/identifier.ts';
import type { NodeSpeed } from '../model/plan/copy-estimate.ts';
import type { NodeName } from '../model/state/address.ts';
import { metadataSchema } from '../model/state/metadata-version.ts';
import type { Resource, ResourceOf } from '../model/state/resource.ts';
import type { NodeState } from '../model/state/state.ts';
import { toFailure } from '../postgres/failures.ts';
import type { Session } from '../postgres/session.ts';
import { featuresOf } from '../postgres/versions.ts';
import { readCopies } from './copies/read-copies.ts';
import { readCopiesUnderWay, readLostChanges } from './copies/read-copies-under-way.ts';
import { readSnapshotSlots } from './copies/read-snapshots.ts';
import { readDeferredFor, readUnfinishedCopies } from './copies/read-unfinished-copies.ts';
import { appliedObjects } from './metadata/applied.ts';
import type { Remembered } from './metadata/ownership.ts';
import { readEdgeRecords } from './metadata/read-edge-records.ts';
import { noMetadata, readMetadata } from './metadata/read-metadata.ts';
import { readDifferentTables } from './metadata/read-verifications.ts';
import { readPublications } from './objects/read-publications.ts';
import { readReferences } from './objects/read-references.ts';
import { readSubscriptions } from './objects/read-subscriptions.ts';
import { identitiesOf, readTables } from './objects/read-tables.ts';
import type { Endpoint, ExpectedConnection } from './objects/subscription-connection.ts';
import { assertServerSupported } from './server/preflight.ts';
import { readOwnership } from './server/read-ownership.ts';
import { readMeasuredCopies, readWalRate } from './server/read-pace.ts';
import { readServer } from './server/read-server.ts';
import { readUnsentWrites } from './server/read-unsent-writes.ts';
import { readForeignSlots } from './slots/read-foreign-slots.ts';
import { readPreparedSlots } from './slots/read-prepared.ts';
import { readSlots } from './slots/read-slots.ts';

export interface IntrospectRequest {
  readonly node: NodeName;
  readonly session: Session;
  /** Where steep_repl is: the same session, unless the node has a metadata_database. */
  readonly metadata: Session;
  /** Both ways to every node, to recognize the source of a live subscription; the node's own way first. */
  readonly endpoints: readonly Endpoint[];
  /** What steep.yaml asks of subscriptions on this node, by name. */
  readonly expected: Readonly<Record<string, ExpectedConnection>>;
  /** Whom other nodes connect as to replicate from here; no entry: it is not known. */
  readonly replicationRole?: string;
  /** Whether connections are still what was last applied is told, too. */
  readonly comparesApplied?: true;
  /** Its records are not read: the node is as if there were no steep_repl. */
  readonly withoutMetadata?: true;
}

/**
 * The node as it is, in one REPEATABLE READ READ ONLY transaction per session.
 * @throws SteepError when the server is too old, refuses, or goes away.
 */
export const introspectNode = async (request: IntrospectRequest): Promise<NodeState> => {
  const { node, session, metadata } = request;
  assertServerSupported(node, session.serverVersion);
  try {
    return await session.transaction(snapshot, () =>
      metadata === session
        ? readNode(request)
        : metadata.transaction(snapshot, () => readNode(request)),
    );
  } catch (error) {
    throw toFailure(error, { node, doing: 'reading the catalogs' });
  }
};

const snapshot = { isolation: 'repeatable read', readOnly: true } as const;

async function readNode(request: IntrospectRequest): Promise<NodeState> {
  const { node, session, endpoints, expected, comparesApplied = false } = request;
  const features = featuresOf(session.serverVersion);
  const {
    database,
    version,
    remembered,
    resources: own,
  } = request.withoutMetadata === true
    ? await noMetadata(request.metadata)
    : await readMetadata(request.metadata, node);
  const publications = await readPublications(session, node, features, remembered);
  const slots = await readSlots(session, node, remembered);
  const context = { node, features, remembered, endpoints, expected, comparesApplied };
  const subscriptions = await readSubscriptions(session, context);
  const copies = await readCopies(session, node, remembered);
  const tables = await readTables(session, request.replicationRole ?? null);
  const apart = request.metadata !== session;
  const server = await readServer(session, {
    node,
    endpoints,
    metadataVersion: version,
    metadataDatabase: apart ? database : null,
    replicationRole: request.replicationRole ?? null,
    publishesMetadata: apart ? [] : publications.filter(reachesMetadata).map(({ name }) => name),
  });
  const resources = [
    ...own,
    ...publications,
    ...slots.resources,
    ...subscriptions,
    ...copies,
    ...identitiesOf(tables, node, remembered),
  ].sort((a, b) => compareText(a.address, b.address));
  const memory = await readMemory(request, remembered, { version, installed: own.length > 0 });
  const missing = missingFrom(resources, remembered);
  const orphanSlots = slots.orphans;
  const surroundings = await readSurroundings(request);
  return { node, server, resources, tables, orphanSlots, missing, ...surroundings, ...memory };
}

/** What no resource is, and what prevents some changes. */
async function readSurroundings({
  session,
  metadata,
}: IntrospectRequest): Promise<
  Pick<NodeState, 'ownership' | 'foreignSlots' | 'references' | 'unsentWrites'>
> {
  const ownership = await readOwnership(session, metadata);
  const foreignSlots = await readForeignSlots(session);
  const references = await readReferences(session);
  const unsentWrites = await readUnsentWrites(session);
  const writesUnsent = unsentWrites.largeObjects || unsentWrites.foreignOrigins.length > 0;
  return {
    ownership,
    foreignSlots,
    ...(references.length > 0 && { references }),
    ...(writesUnsent && { unsentWrites }),
  };
}

type Remembering =
  | 'applied'
  | 'unfinishedCopies'
  | 'deferredFor'
  | 'edgeRecords'
  | 'differentTables'
  | 'copiesUnderWay'
  | 'lostChanges'
  | 'snapshotSlots'
  | 'preparedSlots'
  | 'pace';

/** What steep_repl knows in addition to what is there. */
async function readMemory(
  request: IntrospectRequest,
  remembered: Remembered,
  { version, installed }: { readonly version: number; readonly installed: boolean },
): Promise<Pick<NodeState, Remembering>> {
  const deferredFor = await readDeferredFor(request.metadata, version);
  const unfinishedCopies = await readUnfinishedCopies(request.metadata, request.node, version);
  const copiesUnderWay = await readCopiesUnderWay(request.metadata, request.node, version);
  const lostChanges = await readLostChanges(request.metadata, request.node, version);
  const snapshotSlots = await readSnapshotSlots(request.metadata, version);
  const preparedSlots = await readPreparedSlots(request.metadata, version);
  const edgeRecords = await readEdgeRecords(request.metadata, version);
  const differentTables = await readDifferentTables(request.metadata, version);
  return {
    applied: appliedObjects(request.node, remembered),
    pace: await readPace(request, installed),
    ...(unfinishedCopies.length > 0 && { unfinishedCopies }),
    ...(deferredFor.length > 0 && { deferredFor }),
    ...(copiesUnderWay.length > 0 && { copiesUnderWay }),
    ...(lostChanges.length > 0 && { lostChanges }),
    ...(snapshotSlots.length > 0 && { snapshotSlots }),
    ...(preparedSlots.length > 0 && { preparedSlots }),
    ...(Object.keys(edgeRecords).length > 0 && { edgeRecords }),
    ...(Object.keys(differentTables).length > 0 && { differentTables }),
  };
}

async function readPace(
  { node, session, metadata }: IntrospectRequest,
  hasMetadata: boolean,
): Promise<NodeSpeed> {
  const wal = await readWalRate(session);
  return { wal, copies: hasMetadata ? await readMeasuredCopies(metadata, node) : [] };
}

function reachesMetadata({ spec }: ResourceOf<'publication'>): boolean {
  return (
    spec.allTables ||
    spec.schemas.includes(metadataSchema) ||
    spec.tables.some(({ table }) => table.schema === metadataSchema)
  );
}

function missingFrom(resources: readonly Resource[], remembered: Remembered): readonly string[] {
  const there = new Set(resources.map(({ address }) => address));
  return [...remembered.keys()].filter((address) => !there.has(address)).sort(compareText);
}
