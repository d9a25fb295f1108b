// What a plan needs to know of the snapshots that its subscriptions are filled from: the manifest, whether source and
// publications are still what they were, and what a target holds of it. Whatever fails is a fact of the plan.

import { readReplacedTables } from '../../catalog/copies/read-replaced-tables.ts';
import { readLoad } from '../../catalog/copies/read-unfinished-copies.ts';
import { readPublicationMarks } from '../../catalog/objects/read-publication-marks.ts';
import { readPublishedNames } from '../../catalog/objects/read-published-names.ts';
import { readTablesToCopy } from '../../copy/read/read-published.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { checkpointsKeyOf, type SnapshotManifest } from '../../model/snapshot/snapshot.ts';
import type {
  SnapshotFacts,
  SnapshotLoad,
  SnapshotReading,
  TableNow,
} from '../../model/snapshot/snapshot-reading.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { DesiredSubscription, LiveState, NodeState } from '../../model/state/state.ts';
import { awaitingSnapshots } from '../../planner/facts/snapshot/snapshot-subscriptions.ts';
import { toFailure } from '../../postgres/failures.ts';
import type { Session } from '../../postgres/session.ts';
import { readTableFingerprints } from '../../schema/read-fingerprints.ts';
import { theseTables } from '../../schema/scope.ts';
import {
  readTrustedManifest,
  type ReadManifest as TrustedManifest,
} from '../../snapshot/manifest/read-manifest.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { RuntimeEnvironment } from '../runtime-environment.ts';
import { trustFrom } from '../snapshot/snapshot-keys.ts';
import { openSnapshot } from './open-snapshot.ts';

type Sent = TableNow['sent'];
type Published = Awaited<ReturnType<typeof readTablesToCopy>>[number];

const isUnfit = (error: unknown): boolean =>
  error instanceof SteepError && error.code === 'COPY_UNFIT';

const sentOf = ({ columns, filter }: Published): Sent => ({
  columns: columns.map(({ name }) => name),
  filter,
});

/** All at once, as it usually is; one by one where publications disagree about the columns of some. */
const readSent = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[],
): Promise<readonly Sent[]> => {
  try {
    return (await readTablesToCopy(session, tables, publications)).map(sentOf);
  } catch (error) {
    if (!isUnfit(error)) throw error;
    if (tables.length === 1) return [null];
    const sent: Sent[] = [];
    for (const table of tables) sent.push(...(await readSent(session, [table], publications)));
    return sent;
  }
};

/** By name, of the tables of the snapshot that these publications send now. */
const sentByName = async (
  session: Session,
  tables: readonly QualifiedName[],
  publications: readonly string[],
): Promise<ReadonlyMap<string, Sent>> => {
  const published = new Set((await readPublishedNames(session, publications)).map(formatName));
  const common = tables.filter((table) => published.has(formatName(table)));
  if (common.length === 0) return new Map();
  const sent = await readSent(session, common, publications);
  return new Map(common.map((table, index) => [formatName(table), sent[index] ?? null]));
};

const tablesNow = async (
  session: Session,
  { tables }: SnapshotManifest,
  publications: readonly string[],
): Promise<SnapshotFacts['now']> => {
  if (tables.length === 0) return {};
  const found = await readTableFingerprints(session, theseTables(tables));
  const sent = await sentByName(session, tables, publications);
  return Object.fromEntries(
    found.map(({ name, strict, replication }): readonly [string, TableNow] => [
      formatName(name),
      {
        strictFingerprint: strict,
        replicationFingerprint: replication,
        sent: sent.get(formatName(name)) ?? null,
      },
    ]),
  );
};

type ReadManifest = (location: string, expectSha256: string | null) => Promise<TrustedManifest>;

/** Each location is read once for a plan. */
const manifestsOf = (project: Project, { verifyWith }: RuntimeEnvironment): ReadManifest => {
  const read = new Map<string, Promise<TrustedManifest>>();
  const open = async (location: string, expectSha256: string | null): Promise<TrustedManifest> => {
    const trust = await trustFrom(expectSha256, verifyWith);
    const storage = await openSnapshot(project, location);
    try {
      return await readTrustedManifest(storage, trust);
    } finally {
      await storage.close();
    }
  };
  return (location, expectSha256) => {
    const key = JSON.stringify([location, expectSha256]);
    const found = read.get(key) ?? open(location, expectSha256);
    read.set(key, found);
    return found;
  };
};

/** From storage, and from the source of the subscription that is to be filled. */
const readOne = async (
  { source, publications, snapshot = '', snapshotSha256 }: DesiredSubscription,
  session: Session,
  read: ReadManifest,
): Promise<SnapshotReading> => {
  try {
    const { manifest, sha256: manifestSha256 } = await read(snapshot, snapshotSha256 ?? null);
    const {
      tables,
      schema: _s,
      sequences: _q,
      definitions: _d,
      tableMarks = [],
      ...rest
    } = manifest;
    const marks = await readPublicationMarks(session, publications);
    const now = await tablesNow(
      session,
      manifest,
      marks.map(({ name }) => name),
    );
    const replaced = await readReplacedTables(session, tableMarks, publications);
    const slim = tables.map(({ chunks: _chunks, ...table }) => table);
    const facts = { ...rest, manifestSha256, tables: slim, now, replaced, marksNow: marks };
    return { facts, fault: null };
  } catch (error) {
    const failure = toFailure(error, { node: source, doing: `reading snapshot ${snapshot}` });
    return { facts: null, fault: { message: failure.message, cures: failure.suggestions } };
  }
};

const readAll = async (
  project: Project,
  wanting: readonly DesiredSubscription[],
  { sessions }: OpenNodes,
  runtime: RuntimeEnvironment,
): Promise<Readonly<Record<Address, SnapshotReading>>> => {
  const read = manifestsOf(project, runtime);
  const readings: [Address, SnapshotReading][] = [];
  for (const sub of wanting) {
    const session = sessions.get(sub.source);
    if (session === undefined) continue;
    const address = addressOf(sub.node, 'subscription', sub.name);
    readings.push([address, await readOne(sub, session, read)]);
  }
  return Object.fromEntries(readings);
};

const loadsOf = async (
  { node, server }: NodeState,
  checkpointsKeys: readonly string[],
  { metadata }: OpenNodes,
): Promise<readonly SnapshotLoad[]> => {
  const session = metadata.get(node);
  if (session === undefined) return [];
  const loads: SnapshotLoad[] = [];
  for (const checkpointsKey of new Set(checkpointsKeys)) {
    loads.push(await readLoad(session, checkpointsKey, server.metadataVersion));
  }
  return loads.filter(({ filled }) => filled.length > 0);
};

/** Adds to what was read the snapshots of the subscriptions that are not there yet, or made `again`. */
export const readSnapshots = async (
  live: LiveState,
  project: Project,
  nodes: OpenNodes,
  again: readonly string[],
  runtime: RuntimeEnvironment,
): Promise<LiveState> => {
  const wanting = awaitingSnapshots(project.desired, live, again);
  if (wanting.length === 0) return live;
  const snapshots = await readAll(project, wanting, nodes, runtime);
  const states: [NodeName, NodeState][] = [];
  for (const state of Object.values(live.nodes)) {
    const checkpointsKeys = wanting
      .filter(({ node }) => node === state.node)
      .flatMap(({ node, name }) => {
        const facts = snapshots[addressOf(node, 'subscription', name)]?.facts;
        return facts ? [checkpointsKeyOf(facts.snapshotId)] : [];
      });
    const loads = await loadsOf(state, checkpointsKeys, nodes);
    states.push([state.node, loads.length === 0 ? state : { ...state, loads }]);
  }
  return { ...live, snapshots, nodes: Object.fromEntries(states) };
};
