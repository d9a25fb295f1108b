// Flags of `steep doctor`: the grants that it prints, for whom and for what.

import { Flags } from '@oclif/core';
import { grantCommands } from '../../model/report/doctor.ts';

export const doctorFlags = {
  grants: Flags.boolean({ summary: 'Print the SQL for least-privilege roles instead.' }),
  for: Flags.option({ options: grantCommands })({
    summary:
      'With --grants: what the role runs. plan and drift only read; queue: adds operations that a worker runs. Default: apply.',
    dependsOn: ['grants'],
  }),
  role: Flags.string({
    summary: 'With --grants: the name of the role.',
    helpValue: 'NAME',
    dependsOn: ['grants'],
  }),
};
