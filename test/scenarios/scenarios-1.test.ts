// The first half of the scenarios on real servers, and that they show every hazard. A folder is a scenario;
// runner/ says what is asserted of it.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hazardCatalogue } from '../../src/model/catalogue/hazard-catalogue.ts';
import { describeScenarios } from './runner/describe-scenarios.ts';
import { readScenarios } from './runner/scenario.ts';

describeScenarios(0);

/** Hazards that no scenario shows, and why. */
const shownElsewhere: Readonly<Record<string, string>> = {
  MINOR_VERSION: 'needs an old minor release: unit tests of the planner',
  MERGE_INTERRUPTED: 'needs a run that is killed: integration tests of merge',
  COPY_UNFINISHED: 'needs a copy that was killed: integration tests of init',
  SEQUENCE_BEHIND: 'needs a copy without steep before: integration tests of init',
  MERGE_UNFINISHED: 'needs a merge that was killed: integration tests of merge',
  MERGE_REPLICATING: 'needs a subscription made by hand: integration tests of merge',
  UNDO_OVERWRITES: 'steep merge undo, which has a plan of its own: integration tests of merge',
  UNDO_ROWS_CHANGED: 'the same: integration tests of merge',
  MERGE_AUDIT_ELSEWHERE: 'needs a database of its own for steep_repl: integration tests of merge',
  POOLER: 'needs a pooler: integration tests',
  COPY_RESTARTS_TABLE: 'needs a table of more than 128 MB: unit tests of the planner',
  RUNS_FOREIGN_CODE:
    'needs roles of its own, and a server has one set of them: integration tests of trust',
  SCHEMA_CARRIES_CODE: 'the same: integration tests of trust',
  SCHEMA_DDL_REFUSED: 'nothing that the engine proposes today is refused: unit tests of the gate',
  PREPARED_TRANSACTION: 'needs a transaction that stays prepared: integration tests of apply',
  PG_DUMP_MISSING: 'needs another PATH: integration tests of init',
  PG_DUMP_TOO_OLD: 'needs another pg_dump: integration tests of init',
  TABLE_REPLACED: 'needs an apply before, and its cure after: integration tests of rows',
  PARTITION_ATTACHED: 'the same: integration tests of rows',
  SLOT_REPLACED: 'the same: integration tests of rows',
  POSITION_MOVED: 'the same: integration tests of rows',
  SKIP_PENDING: 'the same: integration tests of rows',
  PUBLICATION_REPLACED: 'the same: integration tests of rows',
  REFERENCED_NOT_SENT: 'shown on several majors: integration tests of rows',
  PREPARED_DISABLED: 'needs a server with other settings: integration tests of rows',
  SLOT_IDLE_TIMEOUT: 'the same: integration tests of rows',
  SYNCHRONOUS_SUBSCRIPTION: 'the same: integration tests of rows',
  STANDBY_SLOT_MISSING: 'the same: integration tests of rows',
  ROLE_TIMEOUT: 'the same: integration tests of rows',
  FILTER_NOT_IMMUTABLE: 'the same: integration tests of rows',
  ROWS_CONVERTED_HERE: 'the same: integration tests of rows',
  PASSWORD_REQUIRED: 'needs a role of its own: integration tests of apply',
  SEARCH_PATH_NEEDED: 'the same: integration tests of rows',
  FILTER_INVALID: 'in several ways: integration tests of rows',
  COLUMN_NO_BACKFILL: 'needs an apply before, and its cure after: integration tests of rows',
  ROWS_NOT_FOUND: 'shown with its cure on several majors: integration tests of rows',
  LARGE_OBJECTS_UNSENT: 'the same: integration tests of rows',
  ORIGIN_WRITES_UNSENT:
    'needs an origin, of which a cluster has one list: unit tests of the planner',
  CHILDREN_UNSENT: 'needs a change by another session: integration tests of rows',
  BINARY_OIDS: 'shown with its cure on several majors: integration tests of rows',
  DEFERRABLE_KEY: 'the same: integration tests of rows',
  CHILDREN_PUBLISHED: 'the same: integration tests of rows',
  FOREIGN_PARTITION: 'the same: integration tests of rows',
  UNLOGGED_PARTITION: 'the same: integration tests of rows',
  ORIGIN_CHAIN: 'needs three nodes: integration tests of rows',
  FOREIGN_OWNER: 'needs a role of its own: integration tests of trust',
  ROWS_OVERWRITTEN: 'of steep repair, which has a plan of its own: integration tests of repair',
  ROWS_DELETED: 'the same: integration tests of repair',
  RESET_CHEAPER: 'the same: unit tests of the planner',
  REPAIR_TRIGGERS: 'the same: integration tests of repair',
  REPAIR_SENT_BACK: 'the same: unit tests of the planner',
  REPAIR_AUDIT_ELSEWHERE: 'the same: unit tests of the planner',
  SLOT_ADVANCE: 'of a command, without steep.yaml: integration tests of primitives',
  ORIGIN_DROP: 'the same',
  ORIGIN_ADVANCE: 'the same',
  ORIGIN_IN_USE: 'the same',
  REFRESH_NEEDED: 'the same',
  MANAGED_BY_FILE: 'the same',
  ROW_SECURITY: 'needs a role of its own: integration tests of rows',
};

test('every hazard is shown by a scenario', () => {
  const shown = readScenarios()
    .map(({ goldenPath }) => readFileSync(goldenPath, 'utf8'))
    .join('\n');
  const isShown = (code: string): boolean => new RegExp(`^ +! \\w+ +${code} `, 'm').test(shown);
  const missing = Object.keys(hazardCatalogue).filter((code) => !isShown(code));
  expect(missing.toSorted()).toEqual(Object.keys(shownElsewhere).toSorted());
});
