// The flags of verify.

import { Flags } from '@oclif/core';
import { parseSize } from '../../model/quantity.ts';
import { verifyReportKinds } from '../verify-output.ts';
import { reportFlagOf, timeFlag, usage } from './flags.ts';
import { queueFlag } from './queue-flags.ts';

/** `50MB` → bytes. */
const rateFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  parse: (input) => {
    const bytes = parseSize(input);
    return bytes === null || bytes === 0
      ? Promise.reject(usage(`"${input}" is not a size.`, 'Write it as 50MB or 1GB.'))
      : Promise.resolve(bytes);
  },
});

export const verifyFlags = {
  queue: queueFlag,
  connection: Flags.string({
    char: 'c',
    summary: 'Compare this database with --peer. A URI or key=value text; steep.yaml is not read.',
    helpValue: 'URI',
    dependsOn: ['peer'],
  }),
  peer: Flags.string({
    summary: 'The database to compare with, read as the subscriber.',
    helpValue: 'URI',
    dependsOn: ['connection'],
  }),
  tables: Flags.string({
    summary: 'These tables only, as SQL names them; without a schema they are in public.',
    helpValue: 'TABLE,…',
    multiple: true,
    delimiter: ',',
  }),
  fast: Flags.boolean({
    summary: 'Count rows first, and compare the rows of a table only if the numbers differ.',
    default: false,
  }),
  jobs: Flags.integer({
    summary: 'Sessions that read each node in parallel.',
    helpValue: 'N',
    min: 1,
    max: 16,
    default: 1,
  }),
  'max-rate': rateFlag({ summary: 'Read at most this much from each node in a second.' }),
  'settle-timeout': timeFlag({
    summary: 'How long to look again at rows that differ before they count as unsettled.',
    default: 60_000,
  }),
  report: reportFlagOf(verifyReportKinds)({
    summary: 'Also write a report; repeatable. csv has every key that differs.',
    multiple: true,
  }),
};
