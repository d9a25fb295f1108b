// One subscription as entries of steep.yaml.

import { Entries, type EntryValue, entryUnless } from './parse/yaml-entries.ts';
import type { WrittenSubscription } from './written-topology.ts';

/** What the block says, defaults left out. */
export const subscriptionEntries = (subscription: WrittenSubscription): Entries => {
  const { name, node, source, publications, slot, enabled, init, options } = subscription;
  const set = Object.entries(options).map(([key, value]) => [key, optionValue(value)] as const);
  return new Entries([
    ['node', node],
    ['source', source],
    ['publications', publications],
    ...entryUnless(slot === name, ['slot', slot]),
    ...entryUnless(enabled, ['enabled', false]),
    ...entryUnless(init === 'parallel', ['init', new Entries([initEntry(init)])]),
    ...entryUnless(set.length === 0, ['options', new Entries(set)]),
    ...entryUnless(!subscription.protect, ['protect', true]),
  ]);
};

const initEntry = (init: WrittenSubscription['init']): readonly [string, EntryValue] =>
  init === 'none' ? ['method', 'none'] : ['copy', init];

const optionValue = (value: string): EntryValue =>
  value === 'true' || value === 'false' ? value === 'true' : value;
