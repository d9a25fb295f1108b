// An examined statement about public.orders, for plans without a server.

import type { AdmittedStatement } from '../../../src/model/schema/schema-change.ts';

export const statement = (
  part: string | null,
  rest: Partial<AdmittedStatement> = {},
): AdmittedStatement => ({
  sql: `-- ${part}`,
  object: { kind: 'table', name: 'public.orders' },
  part,
  verb: 'create',
  phase: 'before',
  lock: null,
  inUse: false,
  losesData: false,
  rewrites: false,
  role: null,
  code: [],
  usesRowsOf: [],
  ownValues: [],
  ...rest,
});
