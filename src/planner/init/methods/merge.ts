// init: merge. Both nodes of a pair hold rows: a step of its own makes them the same, and nothing is copied.
// Tables that join the pair later are copied to the second node, as those of any pair.

import { sourceEstimate } from '../../facts/source-estimate.ts';
import { fromTheSource, type MethodOfInit } from './init-method.ts';

export const mergeMethod: MethodOfInit = {
  ...fromTheSource,
  begin: () => ({ way: 'none' }),
  estimate: sourceEstimate,
  leavesRows: true,
  merges: true,
  rightsOf: 'none',
};
