// A pair as what it means: a publication, a slot and a subscription in each direction. All three of a direction bear
// one name, which says whose changes they carry: `us_eu_from_us`.

import type { NodeName } from '../../model/state/address.ts';
import type { PairEnd } from '../../model/state/state.ts';
import type { Pair, Publication, SteepFile, Subscription } from '../parse/steep-file.generated.ts';
import { toSlotName } from './slot-name.ts';

/** One direction of a pair, as blocks that the file could hold. */
export interface PairDirection {
  /** Of the publication and of the subscription; the slot's is made of it. */
  readonly name: string;
  readonly way: PairEnd['way'];
  readonly publication: Publication;
  readonly subscription: Subscription & { readonly slot: string };
}

export const pairsOf = (file: SteepFile): readonly (readonly [string, Pair])[] =>
  Object.entries(file.pairs ?? {});

/** The name of all that carries the changes of one node of a pair. */
export const directionName = (pair: string, from: NodeName): string => `${pair}_from_${from}`;

/** Both directions, the one from the first node first. */
export const directionsOf = (
  name: string,
  pair: Pair,
): readonly [forth: PairDirection, back: PairDirection] => {
  const [first = '', second = ''] = pair.nodes;
  return [
    direction(name, pair, { way: 'forth', from: first, to: second }),
    direction(name, pair, { way: 'back', from: second, to: first }),
  ];
};

const direction = (
  pairName: string,
  pair: Pair,
  { way, from, to }: { way: PairDirection['way']; from: NodeName; to: NodeName },
): PairDirection => {
  const { tables, publish, protect, schema_sync, init, options } = pair;
  const name = directionName(pairName, from);
  return {
    name,
    way,
    publication: {
      node: from,
      tables,
      ...(publish !== undefined && { publish }),
      ...(protect !== undefined && { protect }),
    },
    subscription: {
      node: to,
      source: from,
      publications: [name],
      slot: toSlotName(name),
      ...(schema_sync !== undefined && { schema_sync }),
      ...initOf(way, init),
      options: { ...options, origin: 'none' },
      ...(protect !== undefined && { protect }),
    },
  };
};

/** Rows are copied one way at most: the other way they would come back as duplicates. A merge is of both. */
const initOf = (way: PairDirection['way'], init: Pair['init']): Pick<Subscription, 'init'> => {
  if (way === 'back' && init?.method !== 'merge') return { init: { method: 'none' } };
  return init === undefined ? {} : { init };
};
