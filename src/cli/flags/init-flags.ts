// Flags that the init commands share.

import { Args, Flags } from '@oclif/core';

export const initArgs = {
  node: Args.string({ description: 'The node that is filled.', required: true }),
};

export const edgeFlags = {
  from: Flags.string({
    summary: 'The node that it is filled from.',
    helpValue: 'SOURCE',
    required: true,
  }),
  subscription: Flags.string({
    summary: 'Which subscription, if there are several between the two nodes.',
    helpValue: 'NAME',
  }),
  slot: Flags.string({
    summary: 'The slot, as a check: it must be the one of steep.yaml.',
    helpValue: 'NAME',
  }),
};

/** The edge, as these flags name it. */
export const edgeOf = (
  node: string,
  flags: {
    readonly from: string;
    readonly subscription?: string | undefined;
    readonly slot?: string | undefined;
  },
) => ({
  node,
  source: flags.from,
  subscription: flags.subscription ?? null,
  slot: flags.slot ?? null,
});
