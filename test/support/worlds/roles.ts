// Who may do what in worlds of tests: everything, unless a test says otherwise.

import type { OwnershipFacts } from '../../../src/model/state/rights.ts';
import type { RoleFacts } from '../../../src/model/state/server.ts';

export const superuser: RoleFacts = {
  name: 'postgres',
  exists: true,
  superuser: true,
  replication: true,
  createOnDatabase: true,
  createSubscription: true,
  advanceOrigins: true,
  readOrigins: true,
  tagOrigins: true,
  sessionReplicationRole: true,
  connectionStrings: true,
  statistics: true,
};

/** Nothing is there that could belong to a role. */
export const nothingOwned: OwnershipFacts = {
  schemas: [],
  publications: [],
  subscriptions: [],
  metadata: {
    role: 'postgres',
    reader: 'postgres',
    database: 'app',
    createOnDatabase: true,
    schema: null,
  },
};
