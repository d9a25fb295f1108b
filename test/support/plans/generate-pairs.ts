// Arbitrary pairs, as the file resolves them.

import fc from 'fast-check';
import type { NodeName } from '../../../src/model/state/address.ts';
import type { DesiredPublication, DesiredSubscription } from '../../../src/model/state/state.ts';
import { featuresOf } from '../../../src/postgres/versions.ts';
import { select, wantPublication, wantSubscription } from '../worlds/worlds.ts';

interface PairBlocks {
  readonly publications: readonly DesiredPublication[];
  readonly subscriptions: readonly DesiredSubscription[];
}

export const noPair: PairBlocks = { publications: [], subscriptions: [] };

/** A pair as resolved, between two nodes that know origin = none. */
export const anyPair = (versions: Readonly<Record<NodeName, number>>): fc.Arbitrary<PairBlocks> => {
  const fit = Object.keys(versions).filter((at) => featuresOf(versions[at] ?? 0).originFilter);
  if (fit.length < 2) return fc.constant(noPair);
  return fc
    .record({
      nodes: fc.shuffledSubarray(fit, { minLength: 2, maxLength: 2 }),
      tables: fc.subarray(['app.notes', 'customers', 'orders', 'events'], { minLength: 1 }),
      init: fc.constantFrom('native' as const, 'native' as const, 'none' as const),
      options: fc.constantFrom({}, { binary: 'true' }, { two_phase: 'true' }),
      protect: fc.boolean(),
    })
    .map(({ nodes: [first = '', second = ''], tables: listed, init, options, protect }) => {
      const selected = listed.map((name) => select(name));
      const subscription = (node: NodeName, from: NodeName, way: 'forth' | 'back') =>
        wantSubscription(node, from, `pair_from_${from}`, {
          publications: [`pair_from_${from}`],
          options: { ...options, origin: 'none' },
          init: way === 'forth' ? init : 'none',
          pair: { name: 'pair', way, partner: `pair_from_${node}` },
          protect,
        });
      return {
        publications: [first, second].map((node) =>
          wantPublication(node, `pair_from_${node}`, { tables: selected, protect }),
        ),
        subscriptions: [subscription(second, first, 'forth'), subscription(first, second, 'back')],
      };
    });
};
