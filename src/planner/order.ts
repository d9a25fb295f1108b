// Puts steps into an order in which each comes after what it needs. Deterministic: it does not depend
// on the order of the input. A cycle is a bug in a rule.

import { compareText } from '../model/identifier.ts';
import type { Step, StepId } from '../model/step.ts';

interface Orderable {
  readonly id: StepId;
  readonly kind: Step['kind'];
  readonly needs: readonly StepId[];
}

/** Among steps that may run now, the earlier kind comes first: plans read alike. */
const kinds: readonly Step['kind'][] = [
  'install-metadata',
  'forget-former-nodes',
  'register-node',
  'record-ownership',
  'rename-publication',
  'rename-subscription',
  'set-replica-identity',
  'change-schema',
  'create-publication',
  'replace-publication',
  'alter-publication',
  'drop-subscription',
  'drop-slot',
  'try-subscription',
  'undo-copy',
  'create-slot',
  'verify-empty',
  'alter-subscription',
  'wait-for-slot',
  'advance-slot',
  'set-publications',
  'disable-subscription',
  'wait-for-stop',
  'set-slot',
  'set-subscription-option',
  'advance-origin',
  'enable-subscription',
  'truncate-tables',
  'copy-tables',
  'load-snapshot',
  'settle-copy',
  'create-subscription',
  'refresh-while-empty',
  'refresh-subscription',
  'drop-publication',
  'wait-for-copy',
  'unregister-node',
  'drop-metadata',
];

const compare = (a: Orderable, b: Orderable): number =>
  kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || compareText(a.id, b.id);

/**
 * Orders steps, and drops needs that no step of this plan answers: they are done already.
 * @throws Error on a cycle.
 */
export const order = <S extends Orderable>(steps: readonly S[]): readonly S[] => {
  const present = new Set(steps.map(({ id }) => id));
  const waiting = steps
    .map((step) => ({
      ...step,
      needs: [...new Set(step.needs)]
        .filter((id) => present.has(id) && id !== step.id)
        .sort(compareText),
    }))
    .sort(compare);
  const placed = new Set<StepId>();
  const ordered: S[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ needs }) => needs.every((id) => placed.has(id)));
    if (next === -1) {
      throw new Error(`the steps need each other: ${waiting.map(({ id }) => id).join(', ')}`);
    }
    for (const step of waiting.splice(next, 1)) {
      placed.add(step.id);
      ordered.push(step);
    }
  }
  return ordered;
};
