// The flags of drift.

import { driftClasses } from '../../model/report/drift.ts';
import { driftReportKinds } from '../drift-output.ts';
import { reportFlagOf, skipConnectionsFlag } from './flags.ts';
import { listFlagOf } from './list-flag.ts';

export const driftFlags = {
  class: listFlagOf(driftClasses)({
    summary: 'What to compare: definitions, the tables under them, whether data flows, the rows.',
    default: ['topology', 'schema'],
    defaultHelp: () => Promise.resolve('topology,schema'),
  }),
  'skip-connections': skipConnectionsFlag,
  report: reportFlagOf(driftReportKinds)({
    summary: 'Also write a report; repeatable.',
    multiple: true,
  }),
};
