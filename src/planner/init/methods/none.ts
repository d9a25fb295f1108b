// init: none. Nothing is copied: the rows are there, or are not wanted.

import { sourceEstimate } from '../../facts/source-estimate.ts';
import { fromTheSource, type MethodOfInit } from './init-method.ts';

export const noneMethod: MethodOfInit = {
  ...fromTheSource,
  begin: () => ({ way: 'none' }),
  estimate: sourceEstimate,
  leavesRows: true,
  rightsOf: 'none',
};
