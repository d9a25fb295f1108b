// An edge that replicates, and whose ends were found not to hold the same rows.

import { quoteIdentifier } from '../identifier.ts';
import { addressOf, patternOf } from '../state/address.ts';
import { steepCommand } from '../steep-command.ts';
import type { EdgeFacts } from './edge-facts.ts';
import { defineChecks, listed } from './health-check.ts';

const tablesOf = ({ differentTables = [] }: EdgeFacts): readonly string[] => differentTables;

const copyOf = ({ node, subscription }: EdgeFacts, table: string): string =>
  patternOf(addressOf(node, 'copy', `${quoteIdentifier(subscription)}:${table}`));

export const rowChecks = defineChecks({
  code: 'ROWS_DIFFER',
  health: 'broken',
  applies: (edge) => edge.exists === true && tablesOf(edge).length > 0,
  reason: (edge) =>
    `The last steep verify found rows that differ from those of node ${edge.source}, and replication does not bring them in line: ${listed(tablesOf(edge))}.`,
  cure: (edge) => [
    'Correct the rows on the subscriber, or copy the tables again:',
    steepCommand`steep repair ${addressOf(edge.node, 'subscription', edge.subscription)}`,
    steepCommand`steep apply ${tablesOf(edge).flatMap((table) => ['--reinit', copyOf(edge, table)])}`,
    `After a correction: ${steepCommand`steep verify ${addressOf(edge.node, 'subscription', edge.subscription)}`}`,
  ],
});
