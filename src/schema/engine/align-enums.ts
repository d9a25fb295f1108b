// Labels of an enum that both nodes have: those that the publisher sends are added, and the subscriber's own stay. A label
// cannot be dropped, and one that was renamed unseen is not to be told from two labels of different nodes.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { RefusedStatement } from '../../model/schema/schema-change.ts';
import { quotedText } from './names-in-text.ts';

/** What the subscriber should have. `renamed`: where each node has a label of its own in the same place. */
export interface AlignedLabels {
  readonly labels: readonly string[];
  readonly renamed: readonly (readonly [own: string, published: string])[];
}

/** Labels between two that both nodes have, in the same order. */
interface Gap {
  readonly own: readonly string[];
  readonly published: readonly string[];
}

/** Null: the labels that both have are in another order on each. */
export const alignLabels = (
  own: readonly string[],
  published: readonly string[],
): AlignedLabels | null => {
  const common = own.filter((label) => published.includes(label));
  const inOrder = published.filter((label) => own.includes(label));
  if (common.some((label, index) => label !== inOrder[index])) return null;
  const gaps = [...common, null].map((label, index): Gap => {
    const between = (labels: readonly string[]): readonly string[] => {
      const before = common[index - 1];
      const from = before === undefined ? 0 : labels.indexOf(before) + 1;
      return labels.slice(from, label === null ? labels.length : labels.indexOf(label));
    };
    return { own: between(own), published: between(published) };
  });
  const doubtful = gaps.filter((gap) => gap.own.length > 0 && gap.published.length > 0);
  return {
    labels: gaps.flatMap((gap, index) => [
      ...gap.own,
      ...gap.published,
      ...common.slice(index, index + 1),
    ]),
    renamed: doubtful.flatMap(({ own: mine, published: theirs }) =>
      mine.flatMap((label, index) => {
        const other = theirs[index];
        return other === undefined ? [] : [[label, other] as const];
      }),
    ),
  };
};

/** Why steep leaves the labels alone: what it cannot decide, and what to run for each answer. */
export const refusedLabels = (
  name: QualifiedName,
  aligned: AlignedLabels | null,
): readonly RefusedStatement[] => {
  const type = formatName(name);
  const object = { kind: 'type', name: type } as const;
  if (aligned === null) {
    return [
      {
        sql: `the labels of ${type}`,
        object,
        why: 'Both nodes have the same labels in another order, and PostgreSQL cannot move a label.',
        cure: `Create the type again on the subscriber, with the labels in the order of the publisher; or leave it, with schema_sync: strict.`,
      },
    ];
  }
  return aligned.renamed.map(([own, published]) => ({
    sql: `ALTER TYPE ${type} RENAME VALUE ${quotedText(own)} TO ${quotedText(published)};`,
    object,
    why: `The publisher has ${quotedText(published)} where the subscriber has ${quotedText(own)}: it was renamed on the publisher, or each node has a label of its own.`,
    cure: `If it was renamed: wait until the subscriber has applied what was written before that, and run the statement on the subscriber. If both labels are wanted: ALTER TYPE ${type} ADD VALUE ${quotedText(published)} AFTER ${quotedText(own)}; on the subscriber. Then plan again.`,
  }));
};
