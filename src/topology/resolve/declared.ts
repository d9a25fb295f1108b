// The addresses that the file asks for: a slot is asked for by its subscription.

import { type Address, addressOf } from '../../model/state/address.ts';
import type { Path } from '../parse/source-document.ts';
import type { SteepFile } from '../parse/steep-file.generated.ts';
import { publicationsOf, subscriptionsOf } from '../topology.ts';

/** Each with the path of the block that asks for it. */
export const declaredAddresses = (file: SteepFile): ReadonlyMap<Address, Path> =>
  new Map([
    ...publicationsOf(file).map(([name, { node }]): [Address, Path] => [
      addressOf(node, 'publication', name),
      ['publications', name],
    ]),
    ...subscriptionsOf(file).flatMap(([name, { node, source, slot }]): [Address, Path][] => [
      [addressOf(node, 'subscription', name), ['subscriptions', name]],
      [addressOf(source, 'slot', slot ?? name), ['subscriptions', name]],
    ]),
  ]);
