// What a command asks for and no difference of resources shows: positions, replication origins, the registration of a node.

import { lsnDistance } from '../../model/lsn.ts';
import type { ChangeBy, SingleChange } from '../../model/plan/single-change.ts';
import { parseAddress } from '../../model/state/address.ts';
import type { ReplicationOrigin } from '../../model/state/surroundings.ts';
import type { PlanContext } from '../context/context.ts';
import { type ChangeDraft, nothing, type RuleResult, type StepDraft } from '../draft.ts';
import { advancedOrigin, advancedSlot, droppedOrigin } from '../hazards/edge/single-hazards.ts';
import * as steps from '../rules/steps.ts';

const one = (
  { address }: SingleChange,
  change: Omit<ChangeDraft, 'resource' | 'details'> & Partial<Pick<ChangeDraft, 'details'>>,
  step: StepDraft,
): RuleResult => {
  const { node, kind, name } = parseAddress(address);
  const resource = { address, node, kind, name };
  return { ...nothing, changes: [{ details: [], resource, ...change }], steps: [step] };
};

const common = ({ address }: SingleChange, why: string) => ({
  node: parseAddress(address).node,
  address,
  why,
});

/** The origin of that name; undefined: there is none. */
export const originAt = (
  { address }: SingleChange,
  { live }: PlanContext,
): ReplicationOrigin | undefined => {
  const { node, name } = parseAddress(address);
  return live.nodes[node]?.origins?.find((origin) => origin.name === name);
};

const createOrigin = (change: SingleChange, context: PlanContext): RuleResult => {
  if (originAt(change, context) !== undefined) return nothing;
  const { name: origin } = parseAddress(change.address);
  const why = `origin ${origin} does not exist`;
  return one(
    change,
    { action: 'create', summary: 'of no subscription' },
    steps.createOrigin(common(change, why), { origin }),
  );
};

const dropOrigin = (change: SingleChange, context: PlanContext): RuleResult => {
  const live = originAt(change, context);
  if (live === undefined) return nothing;
  const { name: origin } = live;
  const hazards = droppedOrigin(change.address, live);
  return one(
    change,
    { action: 'drop', summary: 'as requested' },
    steps.dropOrigin({ ...common(change, `origin ${origin}: as requested`), hazards }, { origin }),
  );
};

type Advance = ChangeBy<'advance'>;

const positionOf = (before: string | null, after: string) => ({
  action: 'change' as const,
  summary: 'position',
  details: [{ field: 'position', before: before ?? 'none', after }],
});

const moveOrigin = (change: Advance, context: PlanContext): RuleResult => {
  const live = originAt(change, context);
  const { lsn } = change;
  if (live === undefined || live.remoteLsn === lsn) return nothing;
  const hazards = advancedOrigin(change.address, live, lsn);
  return one(
    change,
    positionOf(live.remoteLsn, lsn),
    steps.moveOrigin(
      { ...common(change, `origin ${live.name}: as requested`), hazards },
      { origin: live.name, lsn },
    ),
  );
};

const moveSlot = (change: Advance, context: PlanContext): RuleResult => {
  const live = context.have.get(change.address);
  const { lsn } = change;
  if (live?.kind !== 'slot') return nothing;
  const at = live.observed?.confirmedFlushLsn ?? null;
  if (at !== null && lsnDistance(at, lsn) === 0) return nothing;
  const hazards = advancedSlot(live, lsn, context);
  return one(
    change,
    positionOf(at, lsn),
    steps.moveSlot(
      { ...common(change, `slot ${live.name}: as requested`), hazards },
      { slot: live.name, lsn },
    ),
  );
};

const givenFields = ({ title, host, port, priority }: ChangeBy<'register'>) =>
  Object.entries({ name: title, host, port, priority }).flatMap(([field, value]) =>
    value === null ? [] : [{ field, after: String(value) }],
  );

const placeGiven = ({ title, host, port }: ChangeBy<'register'>) => ({
  ...(title === null ? {} : { title }),
  ...(host === null ? {} : { host }),
  ...(port === null ? {} : { port }),
});

/** The rule of nodes knows the priority only. Registered again, it is brought up to date. */
const register = (change: ChangeBy<'register'>, context: PlanContext): RuleResult => {
  const live = context.have.get(change.address);
  const details = givenFields(change);
  const { name } = parseAddress(change.address);
  if (live?.kind !== 'node') {
    return one(
      change,
      { action: 'create', summary: 'register', details },
      steps.registerNode(common(change, `node ${name} is new`), {
        priority: change.priority ?? 50,
        ...placeGiven(change),
      }),
    );
  }
  if (details.length === 0) return nothing;
  return one(
    change,
    { action: 'change', summary: 'in place', details },
    steps.registerNode(common(change, `node ${name}: as requested`), {
      priority: change.priority ?? live.spec.priority,
      ...placeGiven(change),
    }),
  );
};

/** A publisher that was not read may send other tables: PostgreSQL looks. */
const refreshUnseen = (change: ChangeBy<'refresh'>, context: PlanContext): RuleResult => {
  const live = context.have.get(change.address);
  if (live?.kind !== 'subscription') return nothing;
  const { source } = live.spec;
  if (source !== null && context.live.nodes[source] !== undefined) return nothing;
  const { name: subscription } = live;
  return one(
    change,
    { action: 'change', summary: 'refresh: its publisher was not read' },
    steps.refreshSubscription(common(change, `subscription ${subscription}: as requested`), {
      subscription,
      copyData: change.copyData,
    }),
  );
};

const none = (): RuleResult => nothing;

type Requested<V extends SingleChange['verb']> = (
  change: ChangeBy<V>,
  context: PlanContext,
) => RuleResult;

const isOrigin = ({ address }: SingleChange): boolean => parseAddress(address).kind === 'origin';

const requested: { readonly [V in SingleChange['verb']]: Requested<V> } = {
  'create-publication': none,
  'create-subscription': none,
  'create-slot': none,
  'create-origin': createOrigin,
  drop: (change, context) => (isOrigin(change) ? dropOrigin(change, context) : nothing),
  'add-tables': none,
  'remove-tables': none,
  enable: none,
  disable: none,
  refresh: refreshUnseen,
  reset: none,
  cancel: none,
  advance: (change, context) => (isOrigin(change) ? moveOrigin : moveSlot)(change, context),
  register,
};

/** Nothing where a difference of resources says it all. */
export const requestedSteps = (change: SingleChange, context: PlanContext): RuleResult => {
  const steps = requested[change.verb] as Requested<SingleChange['verb']>;
  return steps(change, context);
};
