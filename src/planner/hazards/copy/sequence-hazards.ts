// Sequences of copied tables, which are not replicated.

import { formatName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { desiredSubscription, type PlanContext, tableOf } from '../../context/context.ts';
import { copiedSequences } from '../../facts/copied-sequences.ts';
import { isMergePending, mergedPair } from '../../facts/pairs/merged-pair.ts';
import { hazard } from '../hazard.ts';

type Copy = ResourceOf<'copy'>;
type Subscription = ResourceOf<'subscription'>;

/** Both sides draw numbers; a merge sees to it that they differ. */
export const pairSequences = (
  added: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const pair = desiredSubscription(context, sub.node, sub.name)?.pair ?? null;
  const fed = added.filter(
    (copy) => (tableOf(context, sub.node, copy.spec.table)?.sequences ?? []).length > 0,
  );
  if (pair === null || fed.length === 0) return [];
  const merged = mergedPair(sub, context);
  if (merged !== null && isMergePending(merged, context)) return [];
  const names = listNames(fed.map((copy) => formatName(copy.spec.table)));
  return [
    hazard(
      'warning',
      'SEQUENCE_BEHIND',
      sub.address,
      `Sequences are not replicated, and both nodes of pair ${pair.name} use their own: unless the numbers differ, an INSERT on node ${sub.node} into ${names} takes a number that ${sub.spec.source ?? '?'} has already used.`,
      'Make the numbers differ before anyone writes: ALTER SEQUENCE … INCREMENT BY 2 on both, RESTART one at an odd and one at an even number above all numbers in use.',
    ),
  ];
};

/** `copies`: those of one subscription. */
export const sequenceHazards = (
  copies: readonly Copy[],
  sub: Subscription,
  context: PlanContext,
): readonly FoundHazard[] => {
  const tables = copies.map(({ spec }) => spec.table);
  const { set, behind } = copiedSequences(sub, tables, context);
  const reasons = behind.map(({ table, why }) => `${formatName(table)} (${why})`);
  const { node } = sub;
  const source = sub.spec.source ?? '?';
  return [
    ...(behind.length === 0
      ? []
      : [
          hazard(
            'warning',
            'SEQUENCE_BEHIND',
            sub.address,
            `Sequences are not replicated: those of ${listNames(reasons)} stay behind on node ${node}, and the first INSERT there after a cut-over would fail with a duplicate key.`,
            'Set them with setval() before anyone writes on the subscriber; the rights to read and to set them are listed by steep doctor --grants.',
          ),
        ]),
    ...(set.length === 0
      ? []
      : [
          hazard(
            'notice',
            'SEQUENCES_SET_ONCE',
            sub.address,
            `Sequences are not replicated: when the copy ends, those of ${listNames(set.map(formatName))} are set on node ${node} as far as they are on ${source}. Numbers that ${source} takes after that are not known on ${node}.`,
            'Before a cut-over, set them again with setval().',
          ),
        ]),
  ];
};
