// What a new name of a publication means to those who read the old one.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import type { Renaming } from '../../../model/state/state.ts';
import { isKind, type PlanContext } from '../../context/context.ts';
import { readersOfName } from '../../facts/publication-alias.ts';
import { liveReaders } from '../../facts/removal-policy.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

const blocked = ({ toAddress }: Renaming, message: string, remedy: string): FoundHazard =>
  hazard('block', 'RENAME_BLOCKED', toAddress, message, remedy);

/** A reader that has stopped has WAL before it that knows the old name only; one that is replaced never reads it. */
const standingStill = (
  renaming: Renaming,
  readers: readonly Subscription[],
  { whole }: PlanContext,
): readonly FoundHazard[] => {
  const names = readers
    .filter(({ address, spec }) => !spec.enabled && !whole.replaced.has(address))
    .map(({ address }) => address);
  if (names.length === 0) return [];
  const message = `${listNames(names)} reads ${renaming.from} and is disabled: changes that it has not read yet can be decoded with the old name only.`;
  return [blocked(renaming, message, 'Enable it first, in a separate change.')];
};

/** The worker of a table that is being copied reads by the list that it was started with. */
const copying = (
  renaming: Renaming,
  readers: readonly Subscription[],
  context: PlanContext,
): readonly FoundHazard[] => {
  const names = readers
    .filter(({ spec }) => spec.enabled)
    .filter((sub) =>
      [...context.have.values()]
        .filter(isKind('copy'))
        .some(
          ({ node, spec }) =>
            node === sub.node && spec.subscription === sub.name && spec.state !== 'ready',
        ),
    )
    .map(({ address }) => address);
  if (names.length === 0) return [];
  const message = `The initial copy of ${listNames(names)} is running, and uses the old name of ${renaming.to}.`;
  return [blocked(renaming, message, 'Wait until its tables are ready, and plan again.')];
};

/** The reader of an unmanaged slot may read this publication: that cannot be queried. */
const strangers = (renaming: Renaming, context: PlanContext): readonly FoundHazard[] => {
  const slots = [...context.have.values()]
    .filter(isKind('slot'))
    .filter(
      (slot) =>
        slot.node === renaming.node &&
        slot.observed?.active === true &&
        liveReaders(slot, context).length === 0,
    )
    .map(({ name }) => name);
  if (slots.length === 0) return [];
  return [
    hazard(
      'danger',
      'PUBLICATION_GAP',
      renaming.toAddress,
      `Slot ${listNames(slots)} is read by a consumer that is not in steep.yaml. If it reads publication ${renaming.from}, its apply fails on 14 to 17 after the rename, and rows are lost on 18.`,
      `Make sure that it reads another publication, or switch it to ${renaming.to} at the same time.`,
    ),
  ];
};

export const renamedPublicationHazards = (
  renaming: Renaming,
  live: ResourceOf<'publication'>,
  context: PlanContext,
): readonly FoundHazard[] => {
  const readers = readersOfName(renaming.node, renaming.from, context);
  const all = live.spec.allTables
    ? [
        blocked(
          renaming,
          `${renaming.from} is FOR ALL TABLES, which is not what steep applied.`,
          'Undo that first: use the old name in steep.yaml, and apply.',
        ),
      ]
    : [];
  return [
    ...all,
    ...standingStill(renaming, readers, context),
    ...copying(renaming, readers, context),
    ...strangers(renaming, context),
  ];
};
