// A physical copy continues doing what its source did, unless a user stops it: what must be out of the way before it
// replicates from that source.

import { SteepError } from '../../model/errors.ts';
import { formatName, quoteIdentifier } from '../../model/identifier.ts';
import { listNames } from '../../model/listing.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { PhysicalFacts, RestoredNode } from '../../model/state/restored-node.ts';

interface Unfit {
  readonly why: string;
  readonly cures: readonly string[];
}

const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const foreignSubscriptions = (
  { node, ownSubscriptions }: RestoredNode,
  { subscriptions }: PhysicalFacts,
): readonly Unfit[] =>
  subscriptions
    .filter(({ name, database }) => database !== node.database || !ownSubscriptions.includes(name))
    .map(({ name, database }) => {
      const quoted = quoteIdentifier(name);
      return {
        why: `subscription ${name} of database ${database} is part of the copy, and reads the slot that the original subscription reads`,
        cures: [
          `In database ${database}: ALTER SUBSCRIPTION ${quoted} DISABLE; ALTER SUBSCRIPTION ${quoted} SET (slot_name = NONE); DROP SUBSCRIPTION ${quoted};`,
        ],
      };
    });

const heldTransactions = ({ preparedTransactions }: PhysicalFacts): readonly Unfit[] =>
  preparedTransactions.map((gid) => ({
    why: `prepared transaction ${gid} is part of the copy, and holds its locks until it is rolled back`,
    cures: [`ROLLBACK PREPARED ${quoteLiteral(gid)};`],
  }));

/** What was written here is not what the source has, and nothing would say so. */
const ownWrites = ({ writes }: PhysicalFacts): readonly Unfit[] =>
  writes.length === 0
    ? []
    : [
        {
          why: `it was written to since it was promoted: ${listNames(writes.map(({ table, rows }) => `${formatName(table)}: ${rows} rows`))}`,
          cures: ['Restore it again, and prevent writes to it.'],
        },
      ];

/** @throws SteepError INIT_COPY_UNFIT (exit 3), with everything that is in the way. */
export const assertFitCopy = (found: RestoredNode, physical: PhysicalFacts): void => {
  const unfit = [
    ...foreignSubscriptions(found, physical),
    ...heldTransactions(physical),
    ...ownWrites(physical),
  ];
  if (unfit.length === 0) return;
  const { node, source } = found.edge;
  throw new SteepError(
    'INIT_COPY_UNFIT',
    `Node ${node} is a physical copy of node ${source}, but is not ready to replicate from it:\n${unfit.map(({ why }) => why).join('\n')}`,
    {
      exit: ExitCode.refused,
      suggestions: [`On node ${node}, never on ${source}:`, ...unfit.flatMap(({ cures }) => cures)],
    },
  );
};
