// The rows of ownership as what was applied. A row is JSON that any client could have written, so its
// shape is checked here; the connection of a subscription is a salted hash, and stays where it was read.

import type { QualifiedName } from '../../model/identifier.ts';
import type { NodeName } from '../../model/state/address.ts';
import {
  type Applied,
  type AppliedBy,
  type ManagedKind,
  managedKinds,
  type SetAside,
} from '../../model/state/applied.ts';
import {
  type PublicationSpec,
  type PublishedTable,
  publishOperations,
  type ResourceSpecs,
  type SlotSpec,
  type SubscriptionSpec,
} from '../../model/state/resource.ts';
import type { Remembered } from './ownership.ts';

/** In the order of the rows; rows of other kinds are not handled yet. */
export const appliedObjects = (node: NodeName, remembered: Remembered): readonly Applied[] =>
  [...remembered].flatMap(([address, { applied, protect, runId, appliedAt }]) => {
    const kind = managedKinds.find((candidate) => address.startsWith(`${node}/${candidate}.`));
    if (kind === undefined) return [];
    const name = address.slice(`${node}/${kind}.`.length);
    return [withSpec(kind, applied, { node, name, address, protect, runId, appliedAt })];
  });

type Common = AppliedBy & Pick<Applied, 'node' | 'name' | 'address' | 'protect'>;

const withSpec = (kind: ManagedKind, applied: unknown, common: Common): Applied => {
  const value = isMapping(applied) ? applied : {};
  // The second key: rows of earlier versions.
  const aliasFor = value.aliasFor ?? value.standsInFor;
  const { temporaryFor, awaitsOrigin, awaitsMerge, without, broughtBack, knownTables } = value;
  // Each reader gives the spec of its own kind, which the compiler does not see.
  return {
    kind,
    ...common,
    spec: readers[kind](value),
    ...(isText(aliasFor) && { aliasFor }),
    ...(isText(temporaryFor) && { temporaryFor }),
    ...(isText(awaitsOrigin) && { awaitsOrigin }),
    ...(awaitsMerge === true && { awaitsMerge }),
    ...(isSetAside(without) && { without }),
    ...(isTexts(broughtBack) && { broughtBack }),
    ...(isNames(knownTables) && { knownTables }),
  } as Applied;
};

type Mapping = Readonly<Record<string, unknown>>;

const readers: { readonly [K in ManagedKind]: (value: Mapping) => ResourceSpecs[K] | null } = {
  publication: (value) => (isPublication(value) ? value : null),
  slot: ({ plugin, database }) =>
    isText(plugin) && isText(database) ? ({ plugin, database } satisfies SlotSpec) : null,
  subscription: (value) =>
    isSubscription(value) ? { ...value, connection: 'current', source: value.source } : null,
};

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);

const isPublication = (value: Mapping): value is Mapping & PublicationSpec =>
  typeof value.allTables === 'boolean' &&
  Array.isArray(value.tables) &&
  value.tables.every(isPublishedTable) &&
  isTexts(value.schemas) &&
  isTexts(value.publish) &&
  value.publish.every((operation) => publishOperations.some((known) => known === operation)) &&
  typeof value.viaPartitionRoot === 'boolean' &&
  (value.generatedColumns === 'none' || value.generatedColumns === 'stored');

const isPublishedTable = (value: unknown): value is PublishedTable =>
  isMapping(value) &&
  isName(value.table) &&
  (value.columns === null || isTexts(value.columns)) &&
  isTextOrNull(value.where);

const isSetAside = (value: unknown): value is SetAside =>
  isMapping(value) && isText(value.publication) && isNames(value.tables);

const isName = (value: unknown): value is QualifiedName =>
  isMapping(value) && isText(value.schema) && isText(value.name);

const isNames = (value: unknown): value is readonly QualifiedName[] =>
  Array.isArray(value) && value.every(isName);

const isSubscription = (value: Mapping): value is Mapping & Omit<SubscriptionSpec, 'connection'> =>
  isTextOrNull(value.source) &&
  isTexts(value.publications) &&
  isTextOrNull(value.slot) &&
  typeof value.enabled === 'boolean' &&
  isMapping(value.options) &&
  Object.values(value.options).every(isText);
