// ALTER TABLE … REPLICA IDENTITY.

import type { IdentitySpec } from '../../model/state/resource.ts';
import type { SetReplicaIdentity } from '../../model/step/step.ts';
import { ddl, ident, qualified, type Sql } from '../../postgres/sql/sql.ts';
import type { Executor } from '../executor.ts';

const identity = (spec: IdentitySpec): Sql => {
  if (spec.mode === 'index') return ddl`USING INDEX ${ident(spec.index ?? '')}`;
  if (spec.mode === 'full') return ddl`FULL`;
  return spec.mode === 'nothing' ? ddl`NOTHING` : ddl`DEFAULT`;
};

export const setReplicaIdentityExecutor: Executor<SetReplicaIdentity> = {
  transactional: true,
  reversible: true,
  lock: () => 'ACCESS EXCLUSIVE',
  sql: ({ identity: spec }) => [
    ddl`ALTER TABLE ${qualified(spec.table)} REPLICA IDENTITY ${identity(spec)}`,
  ],
};
