// In what the tables of a subscriber differ from what is sent to them: one row a schema first, so that definitions are read
// only of tables that differ.

import { formatName } from '../../model/identifier.ts';
import type { SentDifference } from '../../model/schema/schema-difference.ts';
import type { Address } from '../../model/state/address.ts';
import type { LiveState } from '../../model/state/state.ts';
import {
  type SentToSubscription,
  tablesToCompare,
} from '../../planner/reading/tables-to-compare.ts';
import { compareDefinitions } from '../../planner/schema/compare-definitions.ts';
import { sentPart } from '../../planner/schema/sent-part.ts';
import type { OpenNodes } from '../nodes.ts';
import type { Project } from '../project.ts';
import type { ComparedSessions, DifferingTables } from '../schema/compare-schemas.ts';

const differencesOf = async (
  ends: ComparedSessions,
  { tables, sendsGenerated }: SentToSubscription,
  differing: DifferingTables,
): Promise<readonly SentDifference[]> => {
  const [published, own] = await differing(
    ends,
    tables.map(({ table }) => table),
  );
  return tables.flatMap((sent) => {
    const name = formatName(sent.table);
    const source = published.get(name);
    if (source === undefined) return [];
    const part = sentPart(source, sent, sendsGenerated);
    const found = compareDefinitions(part, own.get(name) ?? null);
    return found.length === 0 ? [] : [{ name: sent.table, differences: found }];
  });
};

/** Adds to what was read how the tables of subscribers differ from what is sent to them. */
export const compareSentTables = async (
  live: LiveState,
  { desired }: Project,
  { sessions }: OpenNodes,
  differing: DifferingTables,
): Promise<LiveState> => {
  const found: [Address, readonly SentDifference[]][] = [];
  for (const sent of tablesToCompare(desired, live)) {
    const [source, target] = [sessions.get(sent.source), sessions.get(sent.node)];
    if (source === undefined || target === undefined) continue;
    const differences = await differencesOf([source, target], sent, differing);
    if (differences.length > 0) found.push([sent.address, differences]);
  }
  return found.length === 0 ? live : { ...live, sentDifferences: Object.fromEntries(found) };
};
