// Publications of a pair that do not send every change of rows: what applications change while a merge compares would be
// overwritten unseen.

import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { addressOf, type NodeName } from '../../../model/state/address.ts';
import { type PlanContext, want } from '../../context/context.ts';
import type { MergedPair } from '../../facts/pairs/merged-pair.ts';
import { hazard } from '../hazard.ts';

const needed = ['insert', 'update', 'delete'] as const;

/** Of both nodes. */
export const unsentChanges = (pair: MergedPair, context: PlanContext): readonly FoundHazard[] => [
  ...from(pair.a, pair.forth.spec.publications, pair, context),
  ...from(pair.b, pair.back.spec.publications, pair, context),
];

const from = (
  node: NodeName,
  publications: readonly string[],
  { name: pair }: MergedPair,
  context: PlanContext,
): readonly FoundHazard[] =>
  publications.flatMap((name) => {
    const sent = want(context, 'publication', node, name)?.spec.publish ?? needed;
    const missing = needed.filter((operation) => !sent.includes(operation));
    if (missing.length === 0) return [];
    return [
      hazard(
        'block',
        'MERGE_REFUSED',
        addressOf(node, 'publication', name),
        `Publication ${name} does not send ${missing.join(', ')}: what applications write while the rows are merged would be overwritten unseen.`,
        `Leave publish of pair ${pair} out of steep.yaml until the nodes are merged.`,
      ),
    ];
  });
