// A table that was asked for by name is compared, or the command says that it cannot be: zero tables are not equal ones.

import { SteepError } from '../../model/errors.ts';
import { formatName, type QualifiedName } from '../../model/identifier.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { DesiredSubscription } from '../../model/state/state.ts';
import { type EdgesToCompare, readComparedEdge } from './compared-edge.ts';

/**
 * What cannot be read is reported by the comparison itself: then nothing is known of the names, and nothing is refused.
 * @param wanted null: all tables.
 * @throws SteepError USAGE (exit 64) naming the tables that none of the subscriptions brings
 */
export const assertTablesSent = async (
  subscriptions: readonly DesiredSubscription[],
  world: EdgesToCompare,
  wanted: readonly QualifiedName[] | null,
): Promise<void> => {
  if (wanted === null) return;
  const sent: string[] = [];
  for (const subscription of subscriptions) {
    const edge = await readComparedEdge(subscription, world).catch(() => null);
    if (edge === null) return;
    sent.push(...edge.tables.map(({ table }) => formatName(table)));
  }
  assertNamed(wanted, sent);
};

/** @throws SteepError USAGE (exit 64) */
export const assertNamed = (
  wanted: readonly QualifiedName[],
  compared: readonly string[],
): void => {
  const missing = wanted.map(formatName).filter((name) => !compared.includes(name));
  if (missing.length === 0) return;
  throw new SteepError(
    'USAGE',
    `These tables are not among those that would be compared: ${missing.join(', ')}.`,
    {
      exit: ExitCode.usage,
      suggestions: [
        'Check the spelling, with the schema. A partitioned table without publish_via_partition_root is compared partition by partition: name the partitions.',
      ],
    },
  );
};
