// The kinds of resources.

/** What steep manages, by the word that addresses and plans use for it. */
export type ResourceKind =
  | 'metadata'
  | 'node'
  | 'publication'
  | 'identity'
  | 'slot'
  | 'subscription'
  | 'copy';
