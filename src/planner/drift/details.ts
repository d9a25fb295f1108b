// How a managed object differs from what was applied, field by field: `before` is applied, `after` is live.

import canonicalize from 'canonicalize';
import type { ChangeDetail } from '../../model/plan/plan.ts';
import type { Applied } from '../../model/state/applied.ts';
import type {
  PublicationSpec,
  Resource,
  ResourceOf,
  SlotSpec,
  SubscriptionSpec,
} from '../../model/state/resource.ts';
import {
  changedField,
  differenceDetails,
  publicationDifference,
} from '../facts/publication-difference.ts';

/** Empty: it is as it was applied, or there is nothing to compare with. */
export const driftDetails = (applied: Applied, live: Resource): readonly ChangeDetail[] => {
  if (applied.spec === null) return [];
  switch (applied.kind) {
    case 'publication':
      return live.kind === 'publication' ? publicationDetails(applied.spec, live.spec) : [];
    case 'slot':
      return live.kind === 'slot' ? slotDetails(applied.spec, live.spec) : [];
    case 'subscription':
      return live.kind === 'subscription'
        ? [...connectionDetails(live), ...subscriptionDetails(applied.spec, live.spec)]
        : [];
  }
};

const publicationDetails = (
  applied: PublicationSpec,
  live: PublicationSpec,
): readonly ChangeDetail[] => {
  if (!live.allTables) {
    return differenceDetails(applied, live, publicationDifference(applied, live));
  }
  // It has no list any more; to name every table as removed would be wrong, since all are published.
  const { tables, schemas } = applied;
  const settings = { ...live, tables, schemas };
  return [
    { field: 'tables', before: 'an explicit list', after: 'all tables' },
    ...differenceDetails(applied, settings, publicationDifference(applied, settings)),
  ];
};

const slotDetails = (applied: SlotSpec, live: SlotSpec): readonly ChangeDetail[] => [
  ...changedField('plugin', applied.plugin, live.plugin),
  ...changedField('database', applied.database, live.database),
];

/** The strings may hold passwords: that they differ is all that is ever known of them. */
const connectionDetails = ({ observed }: ResourceOf<'subscription'>): readonly ChangeDetail[] =>
  observed?.asApplied?.live === false
    ? changedField('connection', '*** (applied)', '*** (live)')
    : [];

const subscriptionDetails = (
  applied: SubscriptionSpec,
  live: SubscriptionSpec,
): readonly ChangeDetail[] => [
  ...changedField('enabled', String(applied.enabled), String(live.enabled)),
  ...changedField('publications', applied.publications.join(', '), live.publications.join(', ')),
  ...changedField('slot', applied.slot ?? 'none', live.slot ?? 'none'),
  ...Object.entries(applied.options).flatMap(([option, value]) =>
    changedField(option, value, live.options[option] ?? value),
  ),
];

/** Whether the file asks for something else than was applied. */
export const isEdited = (
  applied: Applied,
  desired: Resource,
  live: Resource | undefined,
): boolean => {
  if (applied.protect !== desired.protect) return true;
  if (applied.spec === null) return false;
  if (live?.kind === 'subscription' && live.observed?.asApplied?.file === false) return true;
  return canonicalize(compared(applied.spec, desired.spec)) !== canonicalize(applied.spec);
};

type Fields = object & { readonly options?: Readonly<Record<string, string>> };

/** The fields and options that were applied: what came with a newer server or steep is no edit. */
const compared = (applied: Fields, desired: Fields): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries({ ...applied, ...desired })
      .filter(([field]) => Object.hasOwn(applied, field))
      .map(([field, value]) => [
        field,
        field === 'options' ? optionsOf(applied.options ?? {}, desired.options ?? {}) : value,
      ]),
  );

const optionsOf = (
  applied: Readonly<Record<string, string>>,
  desired: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(applied).map(([option, value]) => [option, desired[option] ?? value]),
  );
