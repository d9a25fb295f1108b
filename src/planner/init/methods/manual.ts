// init: manual. A user restores the rows; PostgreSQL copies those of tables that are added later.

import { sourceEstimate } from '../../facts/source-estimate.ts';
import { fromTheSource, type MethodOfInit } from './init-method.ts';

export const manualMethod: MethodOfInit = {
  ...fromTheSource,
  begin: () => ({ way: 'none' }),
  estimate: sourceEstimate,
  awaitsUser: true,
  rightsOf: 'manual',
};
