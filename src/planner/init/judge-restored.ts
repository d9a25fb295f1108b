// Whether a node that was filled manually can be joined to its slot without a gap: what must be so before any row is
// compared, and where replication has to start. Pure; whatever cannot be shown is refused.

import canonicalize from 'canonicalize';
import type { PreparedSlot, RestoredCopy } from '../../model/copy/manual-init.ts';
import { SteepError } from '../../model/errors.ts';
import { formatName } from '../../model/identifier.ts';
import { lsnDistance } from '../../model/lsn.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { PhysicalFacts, RestoredNode } from '../../model/state/restored-node.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { assertFitCopy } from './judge-physical-copy.ts';

const refuse = (code: string, message: string, ...suggestions: readonly string[]): never => {
  throw new SteepError(code, message, { exit: ExitCode.refused, suggestions });
};

const prepareFlags = ({ edge }: RestoredNode): string =>
  steepCommand`steep init prepare ${edge.node} --from ${edge.source} --subscription ${edge.name}`;

/** What was prepared, if it is for this subscription, and where it begins was reported to a user. */
const preparedOf = (found: RestoredNode): PreparedSlot => {
  const { prepared, edge } = found;
  const isForIt = prepared?.node === edge.node && prepared.subscription === edge.name;
  if (prepared === null || !isForIt || prepared.lsn === '0/0') {
    return refuse(
      'INIT_NOT_PREPARED',
      `Nothing was prepared for ${edge.name} of node ${edge.node} on node ${edge.source}, or steep init prepare was interrupted: the backup belongs to no slot.`,
      `${prepareFlags(found)}, and take the backup after that`,
    );
  }
  return prepared;
};

/** The slot still begins where it began, and has everything since. */
const assertSlot = (found: RestoredNode, prepared: PreparedSlot): void => {
  const { slot, edge } = found;
  const startOver = `Start over with a new backup: ${prepareFlags(found)}`;
  const name = `Slot ${edge.slot} of node ${edge.source}`;
  if (slot === null) refuse('INIT_SLOT_LOST', `${name} is gone.`, startOver);
  else if (slot.walStatus === 'lost') {
    refuse(
      'INIT_SLOT_LOST',
      `${name} is lost: the WAL after ${prepared.lsn} was removed.`,
      `${startOver} --renew`,
    );
  } else if (slot.confirmedFlushLsn !== prepared.lsn) {
    refuse(
      'INIT_SLOT_LOST',
      `${name} was prepared at ${prepared.lsn} and is now at ${slot.confirmedFlushLsn ?? '?'}: another session has read it.`,
      startOver,
    );
  }
  if (prepared.expired) {
    refuse(
      'INIT_EXPIRED',
      `${name} expired at ${prepared.expiresAt}.`,
      `If you restored the backup that belongs to it: ${prepareFlags(found)} --extend 1h`,
    );
  }
};

const changedTables = (before: PreparedSlot['published'], now: PreparedSlot['published']) => {
  const text = (published: typeof now) =>
    new Map(published.tables.map((sent) => [formatName(sent.table), canonicalize(sent)]));
  const [old, fresh] = [text(before), text(now)];
  return [...new Set([...old.keys(), ...fresh.keys()])].filter(
    (name) => old.get(name) !== fresh.get(name),
  );
};

const assertPublished = (found: RestoredNode, { published }: PreparedSlot): void => {
  if (canonicalize(published) === canonicalize(found.published)) return;
  const tables = changedTables(published, found.published);
  refuse(
    'INIT_PUBLISHED_CHANGED',
    `What node ${found.edge.source} sends to ${found.edge.name} was changed after the slot was made${tables.length === 0 ? '' : `: ${tables.slice(0, 10).join(', ')}`}.`,
    `Start over with a new backup: ${prepareFlags(found)} --renew`,
  );
};

/** A dump shows its source at the slot: nothing to skip. Whether all rows came is compared by the caller. */
const judgeDump = (found: RestoredNode, prepared: PreparedSlot): RestoredCopy => {
  const { edge, sourceLsn, node, source, sameServer } = found;
  if (sourceLsn !== null && lsnDistance(prepared.lsn, sourceLsn) !== 0) {
    refuse(
      'INIT_POSITION',
      `Slot ${edge.slot} begins at ${prepared.lsn}, not at ${sourceLsn}, and node ${edge.node} is not a physical copy with a position of its own.`,
      'Leave --source-lsn out.',
    );
  }
  const isCopy = node.systemIdentifier === source.systemIdentifier && !sameServer;
  if (isCopy && prepared.evidence === null) {
    refuse(
      'INIT_POSITION',
      `Node ${edge.node} is a copy of node ${edge.source} from before the slot was made at ${prepared.lsn}.`,
      `Recover it to a later point, or start over: ${prepareFlags(found)} --renew`,
    );
  }
  return { proof: prepared.evidence?.kind ?? 'none', startsAt: null, formerNodes: [] };
};

/** Where recovery ended, as the copy tells it, or as a user says. */
const endOf = (
  found: RestoredNode,
  { origin }: PhysicalFacts,
): Pick<RestoredCopy, 'proof'> & { readonly startsAt: string } => {
  const { edge, source, node, sourceLsn } = found;
  if (node.timeline === source.timeline) {
    refuse(
      'INIT_WRONG_NODE',
      `Node ${edge.node} is a copy of node ${edge.source} on the same timeline (${node.timeline}): it does not tell at which position it stopped following the source.`,
      'Restore it again, with recovery.signal, so that it is promoted to a timeline of its own.',
    );
  }
  if (origin === null) {
    if (sourceLsn !== null) return { proof: 'none', startsAt: sourceLsn };
    return refuse(
      'INIT_POSITION',
      `The role of node ${edge.node} may not read where its recovery ended.`,
      `As a superuser on node ${edge.node}: GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint, boolean) TO …; or give --source-lsn`,
    );
  }
  if (origin.timeline !== source.timeline) {
    refuse(
      'INIT_POSITION',
      `Node ${edge.node} left timeline ${origin.timeline}, and node ${edge.source} is on timeline ${source.timeline}: the source was promoted in the meantime.`,
      `Start over with a new backup: ${prepareFlags(found)} --renew`,
    );
  }
  if (sourceLsn !== null && lsnDistance(origin.lsn, sourceLsn) !== 0) {
    refuse(
      'INIT_POSITION',
      `Node ${edge.node} holds the changes of node ${edge.source} up to ${origin.lsn}, not up to ${sourceLsn}.`,
      'Leave --source-lsn out: steep reads the position from the node.',
    );
  }
  return { proof: 'position', startsAt: origin.lsn };
};

const judgePhysical = (
  found: RestoredNode,
  prepared: PreparedSlot,
  physical: PhysicalFacts,
): RestoredCopy => {
  const { edge, source } = found;
  const { proof, startsAt } = endOf(found, physical);
  const end = source.walPosition ?? startsAt;
  if (lsnDistance(prepared.lsn, startsAt) < 0 || lsnDistance(startsAt, end) < 0) {
    refuse(
      'INIT_POSITION',
      `${startsAt} is outside the range of slot ${edge.slot}: ${prepared.lsn} to ${end}.`,
      `Recover the copy to a later point, or start over: ${prepareFlags(found)} --renew`,
    );
  }
  assertFitCopy(found, physical);
  return { proof, startsAt, formerNodes: [] };
};

/** @throws SteepError why it is refused (exit 3). */
export const judgeRestored = (found: RestoredNode): RestoredCopy => {
  const prepared = preparedOf(found);
  assertSlot(found, prepared);
  assertPublished(found, prepared);
  return found.physical === null
    ? judgeDump(found, prepared)
    : judgePhysical(found, prepared, found.physical);
};
