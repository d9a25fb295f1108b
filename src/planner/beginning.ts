// What a plan begins with: the file and the servers, names that change taken as changed.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { FoundHazard } from '../model/hazard.ts';
import type { PlanOptions } from '../model/plan.ts';
import type { DesiredState, LiveState } from '../model/state.ts';
import { complete } from './complete.ts';
import { indexByAddress, indexTables, type PlanContext } from './context.ts';
import { sharedSlots, withKeptSlots } from './kept-slots.ts';
import { asRenamed, renamesOf } from './renames.ts';

/** With --destroy nothing is asked for; what `removed` keeps is still kept. */
const askingNothing = (desired: DesiredState): DesiredState => ({
  ...desired,
  publications: [],
  subscriptions: [],
  renamed: [],
});

export interface Beginning {
  readonly context: PlanContext;
  readonly errors: readonly Diagnostic[];
  /** Of renames that cannot be. */
  readonly hazards: readonly FoundHazard[];
}

/** Both sides, complete and indexed: what the rules decide on. */
export const contextOf = (file: DesiredState, read: LiveState, options: PlanOptions): Beginning => {
  const destroy = options.destroy === true;
  const asked = destroy ? askingNothing(file) : file;
  const { pending: renames, hazards } = renamesOf(asked, read);
  const live = asRenamed(read, renames);
  const desired = withKeptSlots(asked, live);
  const tables = indexTables(live);
  const completed = complete(desired, live, tables);
  const resources = destroy ? [] : completed.resources;
  return {
    context: {
      desired,
      live,
      prune: options.prune || destroy,
      destroy,
      force: options.force === true,
      renames,
      want: indexByAddress(resources),
      have: indexByAddress(Object.values(live.nodes).flatMap((state) => state.resources)),
      tables,
    },
    errors: [...completed.errors, ...sharedSlots(desired)],
    hazards,
  };
};
