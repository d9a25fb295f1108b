// Whether what an interrupted initial copy noted of its source is still what the source has: as the servers were read.

import type { PublicationMark } from '../../model/copy/manual-init.ts';
import { type AttemptDoubt, attemptDoubt } from '../../model/state/noted-attempt.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import type { SlotSighting } from '../../model/state/slot-identity.ts';
import type { UnfinishedCopy } from '../../model/state/state.ts';
import { have, type PlanContext, serverOf } from '../context/context.ts';

type Slot = ResourceOf<'slot'>;

/** `slot`: that of the subscription which the rows are for, if it is there. Null: the copy can be continued with it. */
export const doubtAbout = (
  { spec }: ResourceOf<'subscription'>,
  { noted }: UnfinishedCopy,
  slot: Slot | undefined,
  context: PlanContext,
): AttemptDoubt | null => {
  const { source, slot: name } = spec;
  if (source === null || name === null) return null;
  const { slot: identity = null, publications = null } = noted ?? {};
  const attempt = { slot: identity, publications };
  const names = (publications ?? []).map((mark) => mark.name);
  const marks = names.flatMap((publication) => markOf(source, publication, context));
  return attemptDoubt(name, attempt, sightingOf(source, slot, context), marks);
};

const sightingOf = (source: string, slot: Slot | undefined, context: PlanContext): SlotSighting => {
  const { systemIdentifier, timeline, database, inRecovery } = serverOf(context, source);
  const home = { systemIdentifier, timeline, database, inRecovery };
  return {
    ...home,
    slot: slot === undefined ? null : { ...nowhere, ...slot.spec, ...slot.observed },
  };
};

/** A slot of which nothing could be read. */
const nowhere = { active: false, walStatus: null, confirmedFlushLsn: null, restartLsn: null };

const markOf = (source: string, name: string, context: PlanContext): readonly PublicationMark[] => {
  const found = have(context, 'publication', source, name);
  if (found?.observed == null) return [];
  const { publish, viaPartitionRoot: viaRoot } = found.spec;
  return [{ name, ...found.observed, publish, viaRoot }];
};
