// In what the tables of a subscriber differ from what is sent to them: one row a schema first, so that definitions are read
// only of tables that differ.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
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
import {
  byName,
  type ComparedSessions,
  type DefinitionsByName,
  type DifferingTables,
  definitionsOnBoth,
} from '../schema/compare-schemas.ts';

/** Tables that are the same on both ends, and of which the publication sends another part than a table of that kind takes. */
const sentInPart = (
  { source, tables, sendsGenerated }: SentToSubscription,
  live: LiveState,
  differing: DefinitionsByName,
): readonly QualifiedName[] => {
  const generated = new Set(
    (live.nodes[source]?.tables ?? [])
      .filter(({ columns }) => sendsGenerated && columns.some((column) => column.generated))
      .map(({ name }) => formatName(name)),
  );
  return tables
    .filter(({ table, columns }) => columns !== null || generated.has(formatName(table)))
    .map(({ table }) => table)
    .filter((table) => !differing.has(formatName(table)));
};

const differencesOf = async (
  ends: ComparedSessions,
  to: SentToSubscription,
  live: LiveState,
  differing: DifferingTables,
): Promise<readonly SentDifference[]> => {
  const names = to.tables.map(({ table }) => table);
  const [published, own] = await differing(ends, names);
  const [alike, alikeThere] = await definitionsOnBoth(ends, sentInPart(to, live, published));
  const sources = new Map([...published, ...byName(alike)]);
  const targets = new Map([...own, ...byName(alikeThere)]);
  return to.tables.flatMap((sent) => {
    const name = formatName(sent.table);
    const source = sources.get(name);
    if (source === undefined) return [];
    const part = sentPart(source, sent, to.sendsGenerated);
    const found = compareDefinitions(part, targets.get(name) ?? null);
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
    const differences = await differencesOf([source, target], sent, live, differing);
    if (differences.length > 0) found.push([sent.address, differences]);
  }
  return found.length === 0 ? live : { ...live, sentDifferences: Object.fromEntries(found) };
};
