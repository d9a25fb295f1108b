// What an initial copy noted of its source, and whether its source is still that: the slot, and the publications.

import { isUnaltered, type PublicationMark } from '../copy/manual-init.ts';
import type { TableMark } from '../copy/table-mark.ts';
import {
  type SlotDoubt,
  type SlotIdentity,
  type SlotSighting,
  slotDoubt,
} from './slot-identity.ts';

export interface NotedAttempt {
  /** Null: it is not on record, or not wholly. */
  readonly slot: SlotIdentity | null;
  /** As the snapshot of the slot shows them; null: they are not on record. */
  readonly publications: readonly PublicationMark[] | null;
  /** As the same snapshot shows them; null: they are not on record. */
  readonly tables: readonly TableMark[] | null;
}

export type AttemptDoubt = SlotDoubt | { readonly kind: 'published'; readonly why: string };

/** Null: the rows and the slot belong together, and the publications are the same objects. */
export const attemptDoubt = (
  name: string,
  noted: Omit<NotedAttempt, 'tables'>,
  found: SlotSighting,
  marks: readonly PublicationMark[],
): AttemptDoubt | null =>
  slotDoubt(name, noted.slot, found) ?? publishedDoubt(noted.publications ?? [], marks);

/** `now`: at least those that were noted, as far as they exist. */
export const publishedDoubt = (
  noted: readonly PublicationMark[],
  now: readonly PublicationMark[],
): Extract<AttemptDoubt, { readonly kind: 'published' }> | null => {
  for (const then of noted) {
    const mark = now.find(({ name }) => name === then.name);
    const what = mark === undefined ? 'was dropped' : whatChanged(then, mark);
    if (what !== null) return { kind: 'published', why: `publication ${then.name} ${what}` };
  }
  return null;
};

const whatChanged = (then: PublicationMark, now: PublicationMark): string | null => {
  if (then.oid !== now.oid) return 'was dropped and created again since its slot was created';
  const isSame = isUnaltered(then, now) && then.members.join() === now.members.join();
  return isSame ? null : 'was changed since its slot was created';
};
