// init: { method: snapshot, copy: native }: PostgreSQL copies, table by table, when the subscription is created.

import { sourceEstimate } from '../../facts/source-estimate.ts';
import { fromTheSource, type MethodOfInit } from './init-method.ts';

export const nativeMethod: MethodOfInit = {
  ...fromTheSource,
  begin: () => ({ way: 'native', instead: null }),
  estimate: sourceEstimate,
  byServer: true,
  rightsOf: 'native',
};
