// One difference between desired and live. The differ knows no kinds; the rules do.

import type { Resource } from '../state/resource.ts';

export type Delta =
  | { readonly verb: 'add'; readonly desired: Resource }
  | { readonly verb: 'remove'; readonly live: Resource }
  | {
      readonly verb: 'change';
      readonly live: Resource;
      readonly desired: Resource;
      /** Names of the spec fields that differ, and `owned` or `protect`; sorted. */
      readonly fields: readonly string[];
    };
