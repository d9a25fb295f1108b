// Drift of definitions: managed publications, slots and subscriptions that are gone, that are not what was applied, or
// whose ownership a user deleted.

import type { DriftFinding } from '../../model/report/drift.ts';
import { type Address, addressOf, type NodeName } from '../../model/state/address.ts';
import type { Applied, AppliedBy, LostOwnership } from '../../model/state/applied.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { ResourceOf } from '../../model/state/resource.ts';
import { isKind } from '../context/context.ts';
import { isAsDesired } from './compared-state.ts';
import { driftDetails } from './details.ts';
import type { DriftContext } from './drift-context.ts';

export const topologyDrift = (context: DriftContext): readonly DriftFinding[] => [
  ...context.applied.flatMap((applied) => objectDrift(applied, context)),
  ...context.lost.flatMap((lost) => lostOwnership(lost, context)),
  ...Object.keys(context.live.nodes).flatMap((node) => lostMetadata(node, context)),
];

const byWhom = ({ runId, appliedAt }: AppliedBy): AppliedBy => ({ runId, appliedAt });

const objectDrift = (applied: Applied, context: DriftContext): readonly DriftFinding[] => {
  const { address, node, kind, name } = applied;
  if (isAsDesired(address, context)) return [];
  const live = context.have.get(address);
  const common = { class: 'topology', address, node, applied: byWhom(applied) } as const;
  if (live === undefined) {
    const summary = `The ${kind} ${name} was applied here, and no longer exists.`;
    const cure = goneCure(applied, context);
    return [{ ...common, code: 'DRIFT_GONE', summary, details: [], cure }];
  }
  const details = driftDetails(applied, live);
  if (details.length === 0) return [];
  const summary = `The ${kind} ${name} differs from what was applied.${disabledByError(live)}`;
  const cure = changedCure(address, context);
  return [{ ...common, code: 'DRIFT_CHANGED', summary, details, cure }];
};

/** No user need have changed it: the server itself disables a subscription that fails. */
const disabledByError = (live: { readonly kind: string }): string => {
  const failed = live.kind === 'subscription' && hasDisabledItself(live as Subscription);
  return failed
    ? ' It may have disabled itself: disable_on_error is on, and errors were counted.'
    : '';
};

type Subscription = ResourceOf<'subscription'>;

/** Disabled, with the option that disables on errors, and errors counted. */
const hasDisabledItself = ({ spec, observed }: Subscription): boolean =>
  !spec.enabled &&
  spec.options.disable_on_error === 'true' &&
  (observed?.applyErrors ?? 0) + (observed?.syncErrors ?? 0) > 0;

const goneCure = ({ kind, address }: Applied, context: DriftContext): readonly string[] => {
  if (!context.named.has(address)) return ['It is no longer in steep.yaml either: steep plan'];
  // A new slot would hide that changes were missed: plan refuses it while its subscription is there.
  if (kind === 'slot') return ['steep plan', 'steep explain SLOT_MISSING'];
  return ['To put it back: steep plan', 'If it is no longer wanted, remove it from steep.yaml.'];
};

const changedCure = (address: Address, context: DriftContext): readonly string[] =>
  context.named.has(address)
    ? ['To put it back: steep plan', 'To keep it: write it into steep.yaml.']
    : ['It is no longer in steep.yaml; to drop it: steep plan --prune'];

/** An object that is no longer in steep.yaml and has no row has no owner: it is not reported. */
const lostOwnership = (lost: LostOwnership, context: DriftContext): readonly DriftFinding[] => {
  const { address } = lost;
  if (!context.named.has(address)) return [];
  const gone = context.have.get(address) === undefined ? ', and neither does the object' : '';
  return [
    {
      class: 'topology',
      code: 'OWNERSHIP_LOST',
      address,
      node: address.slice(0, address.indexOf('/')),
      summary: `steep applied it, and its row in ${metadataSchema}.objects no longer exists${gone}.`,
      details: [],
      applied: byWhom(lost),
      cure: ['To manage it again: steep plan'],
    },
  ];
};

/** All rows are lost with their schema; only the other end of an edge still tells. */
const lostMetadata = (node: NodeName, context: DriftContext): readonly DriftFinding[] => {
  const state = context.live.nodes[node];
  if (state === undefined || state.server.metadataVersion > 0) return [];
  const witness = witnessOf(node, context);
  if (witness === undefined) return [];
  return [
    {
      class: 'topology',
      code: 'METADATA_LOST',
      address: addressOf(node, 'metadata', metadataSchema),
      node,
      summary: `${witness.address} was applied together with this node, but ${metadataSchema} does not exist here: what was applied to the node is no longer known.`,
      details: [],
      applied: byWhom(witness),
      cure: ['To install it and manage what matches steep.yaml: steep plan'],
    },
  ];
};

/** What was applied on another node and has its other end here: a subscription, or the slot of one. */
const witnessOf = (node: NodeName, { applied, have }: DriftContext): Applied | undefined => {
  const slots = new Set(
    [...have.values()]
      .filter(isKind('subscription'))
      .filter((sub) => sub.node === node && sub.spec.source !== null && sub.spec.slot !== null)
      .map(({ spec }) => addressOf(spec.source ?? '', 'slot', spec.slot ?? '')),
  );
  return applied.find(
    (row) => slots.has(row.address) || (row.kind === 'subscription' && row.spec?.source === node),
  );
};
