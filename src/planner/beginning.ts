// What a plan begins with: the file and the servers, names that change taken as changed.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { FoundHazard } from '../model/hazard.ts';
import type { PlanOptions, Reinitialized } from '../model/plan.ts';
import type { DesiredState, LiveState } from '../model/state.ts';
import { complete } from './complete.ts';
import { indexByAddress, indexTables, type PlanContext } from './context.ts';
import { withHandedOver } from './hand-over.ts';
import { sharedSlots, withKeptSlots } from './kept-slots.ts';
import { asReinitialized, reinitsOf, wishOf } from './reinit.ts';
import { wholeReinits } from './reinit-full.ts';
import { noWhole } from './reinit-stage.ts';
import { asRenamed, renamesOf } from './renames.ts';
import { asFormerly } from './too-new/as-formerly.ts';

/** With --destroy nothing is asked for; what `removed` keeps is still kept. */
const askingNothing = (desired: DesiredState): DesiredState => ({
  ...desired,
  publications: [],
  subscriptions: [],
  renamed: [],
});

/** What is initialized again counts as not copied yet; and what of that is a wish of this plan. */
const withReinits = (
  context: PlanContext,
  options: PlanOptions,
  reviewed: readonly Reinitialized[] | null,
): Pick<Beginning, 'context' | 'wish'> => {
  const base = { ...context, whole: wholeReinits(options, reviewed, context) };
  const reinits = reinitsOf(options, reviewed, base);
  const reinitialized = { ...base, reinits, have: asReinitialized(base.have, reinits) };
  const known = { ...reinitialized, have: asFormerly(reinitialized) };
  return { context: known, wish: wishOf(known, base.have) };
};

export interface Beginning {
  readonly context: PlanContext;
  /** What --reinit begins, with what it was. */
  readonly wish: readonly Reinitialized[];
  readonly errors: readonly Diagnostic[];
  /** Of renames that cannot be. */
  readonly hazards: readonly FoundHazard[];
}

/** Both sides, complete and indexed: what the rules decide on. */
export const contextOf = (
  file: DesiredState,
  read: LiveState,
  options: PlanOptions,
  reviewed: readonly Reinitialized[] | null = null,
): Beginning => {
  const destroy = options.destroy === true;
  const asked = destroy ? askingNothing(file) : file;
  const { pending: renames, hazards } = renamesOf(asked, read);
  const live = asRenamed(read, renames);
  const tables = indexTables(live);
  const desired = withHandedOver(withKeptSlots(asked, live), live);
  const completed = complete(desired, live, tables);
  const resources = destroy ? [] : completed.resources;
  const context: PlanContext = {
    desired,
    live,
    prune: options.prune || destroy,
    destroy,
    force: options.force === true,
    unchecked: options.unchecked === true,
    reinits: [],
    whole: noWhole,
    cancel: options.cancel ?? [],
    renames,
    want: indexByAddress(resources),
    have: indexByAddress(Object.values(live.nodes).flatMap((state) => state.resources)),
    tables,
  };
  return {
    ...withReinits(context, options, reviewed),
    errors: [...completed.errors, ...sharedSlots(desired)],
    hazards,
  };
};
