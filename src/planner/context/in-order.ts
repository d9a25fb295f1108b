// Both sides of a plan in one order, whatever the order of the file and of the answers of the servers: the
// rules, and the first of several that a sentence names, need not care.

import { compareText } from '../../model/identifier.ts';
import type { PlanOptions } from '../../model/plan/plan.ts';
import type { DesiredState, LiveState } from '../../model/state/state.ts';

const byName = <T extends { readonly name: string; readonly node?: string }>(items: readonly T[]) =>
  items.toSorted((a, b) => compareText(a.node ?? '', b.node ?? '') || compareText(a.name, b.name));

const byKey = <V>(record: Readonly<Record<string, V>>): Readonly<Record<string, V>> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));

/** What the file asks for, by name. */
export const desiredInOrder = (desired: DesiredState): DesiredState => ({
  ...desired,
  nodes: byName(desired.nodes),
  publications: byName(desired.publications),
  subscriptions: byName(desired.subscriptions),
});

/** What was read, by node and address. */
export const liveInOrder = (live: LiveState): LiveState => ({
  ...live,
  unreadable: byKey(live.unreadable),
  nodes: Object.fromEntries(
    Object.entries(byKey(live.nodes)).map(([name, state]) => [
      name,
      {
        ...state,
        resources: state.resources.toSorted((a, b) => compareText(a.address, b.address)),
      },
    ]),
  ),
});

/** What was asked for, once each: an empty list asks for nothing in particular. */
export const optionsInOrder = ({
  target = [],
  exclude = [],
  reinit = [],
  ...rest
}: PlanOptions): PlanOptions => ({
  ...rest,
  ...(target.length === 0 ? {} : { target: [...new Set(target)].sort(compareText) }),
  ...(exclude.length === 0 ? {} : { exclude: [...new Set(exclude)].sort(compareText) }),
  ...(reinit.length === 0 ? {} : { reinit: [...new Set(reinit)].sort(compareText) }),
});
