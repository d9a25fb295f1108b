// The right to lock tables against writers (LOCK TABLE), which is not that of their owner: an owner that revoked its own
// privileges lacks it, and a publication is renamed without owning its tables.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import type { ServerFacts } from '../../model/state/server.ts';
import type { StepDraft } from '../draft.ts';

interface Locked {
  readonly node: NodeName;
  readonly tables: readonly QualifiedName[];
}

const lockedBy = (step: StepDraft): Locked => {
  const { node } = step;
  if (step.kind === 'rename-publication' || step.kind === 'replace-publication') {
    return { node, tables: step.locks };
  }
  if (step.kind === 'refresh-while-empty') return { node: step.source, tables: step.tables };
  const added = step.kind === 'alter-publication' && step.lockAdded ? step.addTables : [];
  return { node, tables: added.map(({ table }) => table) };
};

/** What the steps of a plan lock on a node, each table once. */
export const lockedTables = (
  steps: readonly StepDraft[],
  node: NodeName,
): readonly QualifiedName[] => {
  const found = steps.map(lockedBy).filter((locked) => locked.node === node);
  const byName = found.flatMap(({ tables }) => tables.map((it) => [formatName(it), it] as const));
  return [...new Map(byName).values()];
};

/** From 17 on there is a privilege for it that neither reads nor changes rows. */
export const lockGrant = (
  table: QualifiedName,
  { features, role }: Pick<ServerFacts, 'features' | 'role'>,
): string =>
  `GRANT ${features.maintainPrivilege ? 'MAINTAIN' : 'UPDATE'} ON ${formatName(table)} TO ${quoteIdentifier(role.name)};`;
