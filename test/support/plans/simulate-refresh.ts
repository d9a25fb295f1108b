// What a refresh of a subscription does to the tables that it knows, in the simulation of steps.

import { formatName, quoteIdentifier } from '../../../src/model/identifier.ts';
import type { NodeName } from '../../../src/model/state/address.ts';
import type { ResourceOf } from '../../../src/model/state/resource.ts';
import type { LiveState } from '../../../src/model/state/state.ts';
import { effectiveTables } from '../../../src/planner/complete/published-tables.ts';
import { isKind } from '../../../src/planner/context/context.ts';
import { put, remove, stateOf } from '../worlds/live-edit.ts';
import { resource } from '../worlds/worlds.ts';
import { copiesOf } from './simulate-copy.ts';

/** What CREATE and REFRESH write into pg_subscription_rel: known tables keep their state. */
export function refresh(
  live: LiveState,
  node: NodeName,
  name: string,
  copyData: boolean,
  only: (table: string) => boolean = () => true,
): LiveState {
  const found = stateOf(live, node).resources.filter(isKind('subscription'));
  const spec = found.find((sub) => sub.name === name)?.spec;
  const source = spec?.source ?? null;
  if (spec === undefined || source === null) throw new Error(`${name} cannot be refreshed`);
  const publisher = stateOf(live, source);
  const publications = publisher.resources
    .filter(isKind('publication'))
    .filter((publication) => spec.publications.includes(publication.name));
  const tables = new Map(publisher.tables.map((table) => [formatName(table.name), table]));
  const before = copiesOf(live, node, name);
  const sent = effectiveTables(
    publications.map((publication) => publication.spec),
    tables,
  );
  const taken = sent.filter(({ table }) => only(formatName(table)));
  const after = taken.map(({ table }): ResourceOf<'copy'> => {
    const known = before.find((copy) => formatName(copy.spec.table) === formatName(table));
    const state = copyData ? 'copying' : 'ready';
    const fresh = { subscription: name, table, state } as const;
    return known ?? resource('copy', node, `${quoteIdentifier(name)}:${formatName(table)}`, fresh);
  });
  const without = before.reduce((left, { address }) => remove(left, node, address), live);
  return after.reduce(put, without);
}
