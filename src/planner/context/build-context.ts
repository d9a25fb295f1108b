// What the rules decide on: the file and the servers, both complete, with what the options and `renamed` ask for taken
// as done. Each stage is one line of a list; they run from top to bottom.

import type { Diagnostic } from '../../model/diagnostic.ts';
import type { FoundHazard } from '../../model/plan/hazard.ts';
import type { PlanOptions, Reinitialized } from '../../model/plan/plan.ts';
import type { Resource } from '../../model/state/resource.ts';
import type { DesiredState, LiveState, Renaming } from '../../model/state/state.ts';
import { complete } from '../complete/complete.ts';
import { asNamed, asOnlyChange, onlyDesired } from '../single/as-only-change.ts';
import { singleErrors } from '../single/single-errors.ts';
import { asFormerly } from '../too-new/as-formerly.ts';
import { withBasebackupFallback } from './basebackup-fallback.ts';
import { indexByAddress, indexTables, type PlanContext } from './context.ts';
import { sharedSlots, withKeptSlots } from './kept-slots.ts';
import { noWhole } from './reinit-stage.ts';
import { wholeReinits } from './reinit-subscription.ts';
import { asReinitialized, reinitRequestOf, reinitsOf } from './reinit-tables.ts';
import { asRenamed, renamesOf } from './renames.ts';
import { withSourcesBySlot } from './sources-by-slot.ts';

/** The file and what was read, until both are complete. */
interface Sides {
  readonly desired: DesiredState;
  readonly live: LiveState;
  readonly renames: readonly Renaming[];
  /** Of renames that cannot be. */
  readonly hazards: readonly FoundHazard[];
}

interface Stage<T> {
  /** What holds after it, and why: one sentence. */
  readonly why: string;
  readonly apply: (state: T, asked: Asked) => T;
}

interface Asked {
  readonly options: PlanOptions;
  readonly reviewed: readonly Reinitialized[] | null;
}

const sideStages: readonly Stage<Sides>[] = [
  {
    why: 'A subscription whose connection the role may not see reads from the node that has its slot.',
    apply: (sides) => ({ ...sides, live: withSourcesBySlot(sides.live) }),
  },
  {
    why: 'A command that names one change may change what steep does not manage, and nothing else of the file counts.',
    apply: (sides, { options: { change } }) =>
      change === undefined
        ? sides
        : {
            ...sides,
            desired: onlyDesired(sides.desired, change),
            live: asNamed(sides.live, sides.desired, change),
          },
  },
  {
    why: 'With --destroy nothing is desired; what `removed` keeps is still kept.',
    apply: (sides, { options }) =>
      options.destroy === true
        ? {
            ...sides,
            desired: { ...sides.desired, publications: [], subscriptions: [], renamed: [] },
          }
        : sides,
  },
  {
    why: 'What `renamed` names is live under its new name, so that it is not dropped and created.',
    apply: (sides) => {
      const { pending, hazards } = renamesOf(sides.desired, sides.live);
      return { ...sides, renames: pending, hazards, live: asRenamed(sides.live, pending) };
    },
  },
  {
    why: 'A subscription whose slot the file does not name keeps the slot that it has.',
    apply: (sides) => ({ ...sides, desired: withKeptSlots(sides.desired, sides.live) }),
  },
  {
    why: 'A subscription whose tables are too large to copy (large_table_method: basebackup) is filled by hand.',
    apply: (sides) => ({ ...sides, desired: withBasebackupFallback(sides.desired, sides.live) }),
  },
];

const contextStages: readonly Stage<PlanContext>[] = [
  {
    why: 'With one change, what is there is wanted, with that change.',
    apply: (context, { options: { change } }) =>
      change === undefined ? context : asOnlyChange(context, change),
  },
  {
    why: 'A subscription that --reinit names is created again as a whole.',
    apply: (context, { options, reviewed }) => ({
      ...context,
      whole: wholeReinits(options, reviewed, context),
    }),
  },
  {
    why: 'A table that --reinit names counts as not copied.',
    apply: (context, { options, reviewed }) => {
      const reinits = reinitsOf(options, reviewed, context);
      return { ...context, reinits, have: asReinitialized(context.have, reinits) };
    },
  },
  {
    why: 'A subscription whose slot needs former names of publications reads these first.',
    apply: (context) => ({ ...context, have: asFormerly(context) }),
  },
];

const through = <T>(stages: readonly Stage<T>[], first: T, asked: Asked): T =>
  stages.reduce((state, { apply }) => apply(state, asked), first);

const contextOf = (
  { desired, live, renames }: Sides,
  resources: readonly Resource[],
  options: PlanOptions,
): PlanContext => {
  const destroy = options.destroy === true;
  return {
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
    want: indexByAddress(destroy ? [] : resources),
    have: indexByAddress(Object.values(live.nodes).flatMap((state) => state.resources)),
    tables: indexTables(live),
  };
};

export interface BuiltContext {
  readonly context: PlanContext;
  /** What --reinit asks for, with what it was. */
  readonly reinitRequest: readonly Reinitialized[];
  readonly errors: readonly Diagnostic[];
  /** Of renames that cannot be. */
  readonly hazards: readonly FoundHazard[];
}

/** Both sides, complete and indexed: what the rules decide on. */
export const buildContext = (
  desired: DesiredState,
  live: LiveState,
  options: PlanOptions,
  reviewed: readonly Reinitialized[] | null = null,
): BuiltContext => {
  const asked: Asked = { options, reviewed };
  const sides = through(sideStages, { desired, live, renames: [], hazards: [] }, asked);
  const { resources, errors } = complete(sides.desired, sides.live, indexTables(sides.live));
  const found = contextOf(sides, resources, options);
  const context = through(contextStages, found, asked);
  return {
    context,
    reinitRequest: reinitRequestOf(context, found.have),
    errors: [
      ...errors,
      ...sharedSlots(sides.desired),
      ...(options.change === undefined
        ? []
        : singleErrors(options.change, found.want.get(options.change.address), found)),
    ],
    hazards: sides.hazards,
  };
};
