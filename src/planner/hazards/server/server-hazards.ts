// Hazards of a node as a whole: they apply whether or not a step is planned on it, or belong to its metadata.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf } from '../../../model/state/address.ts';
import { metadataSchema } from '../../../model/state/metadata-version.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { NodeState } from '../../../model/state/state.ts';
import { type PlanContext, serverOf } from '../../context/context.ts';
import { hazard } from '../hazard.ts';

/** steep_repl must not be published: its rows would reach subscribers that lack the tables. */
export const metadataPublished = (
  metadata: ResourceOf<'metadata'>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const { publishesMetadata, database } = serverOf(context, metadata.node);
  if (publishesMetadata.length === 0) return [];
  return [
    hazard(
      'block',
      'METADATA_PUBLISHED',
      metadata.address,
      `Database ${database} of node ${metadata.node} publishes every table, through ${listNames(publishesMetadata)}: rows of ${metadataSchema} would be sent to subscribers that lack its tables, and their apply would stop.`,
      `Set metadata_database on node ${metadata.node}. Or replace FOR ALL TABLES by an explicit list, by hand and in one transaction: DROP PUBLICATION …; CREATE PUBLICATION … FOR TABLE …;`,
    ),
  ];
};

/** What cannot be read any more after steep is removed. */
export const metadataDropped = ({
  node,
  address,
}: ResourceOf<'metadata'>): readonly FoundHazard[] => [
  hazard(
    'danger',
    'METADATA_DROP',
    address,
    `Drops schema ${metadataSchema} of node ${node}: what steep applied there and its audit log are lost. Replica identities that steep has set are not changed.`,
    `Copy ${metadataSchema}.audit_log first, if it must be kept.`,
  ),
];

const pooler = (state: NodeState): readonly FoundHazard[] =>
  state.server.pooled
    ? [
        hazard(
          'block',
          'POOLER',
          addressOf(state.node, 'node', state.node),
          `The connection to node ${state.node} goes through a pooler: the replication protocol, advisory locks and exported snapshots need a session of their own.`,
          "Point the node's connection at PostgreSQL itself.",
        ),
      ]
    : [];

/** One warning with every known bug: the newest release that is named has mended them all. */
const minorVersion = ({ node, server }: NodeState): readonly FoundHazard[] => {
  const { knownBugs } = server.features;
  const newest = knownBugs.at(-1)?.fixedIn;
  if (newest === undefined) return [];
  const bugs = knownBugs.map(({ fixedIn, bug }) => `${bug} (${fixedIn})`).join('; ');
  return [
    hazard(
      'warning',
      'MINOR_VERSION',
      addressOf(node, 'node', node),
      `Node ${node} runs PostgreSQL ${server.version}, whose replication bugs a later minor release has fixed: ${bugs}.`,
      `Upgrade node ${node} to ${newest} or later.`,
    ),
  ];
};

const orphanSlots = (state: NodeState): readonly FoundHazard[] =>
  state.orphanSlots.map((slot) =>
    hazard(
      'warning',
      'ORPHAN_SLOT',
      addressOf(state.node, 'slot', slot),
      `Slot ${slot} on node ${state.node} was left behind by a table synchronization and keeps WAL without limit.`,
      `Once no subscription needs it: SELECT pg_catalog.pg_drop_replication_slot('${slot}');`,
    ),
  );

/** Hazards of every node that was read. */
export const nodeHazards = (context: PlanContext): readonly FoundHazard[] =>
  Object.values(context.live.nodes).flatMap((state) => [
    ...pooler(state),
    ...minorVersion(state),
    ...orphanSlots(state),
  ]);
