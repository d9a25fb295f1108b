// steep replication subscription refresh NAME

import { Flags } from '@oclif/core';
import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, edgePlaceFlags, nameArg } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSubscriptionRefresh extends ChangingCommand {
  static override summary = 'Update the list of tables of a subscription: REFRESH PUBLICATION.';

  static override description =
    'Shows the plan of this one change, and asks. New tables are copied by PostgreSQL, unless --no-copy-data.';

  static override examples = ['<%= config.bin %> replication sub refresh sales --node reporting'];

  static override aliases = ['replication:sub:refresh'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('subscription');

  static override flags = {
    ...edgePlaceFlags,
    'copy-data': Flags.boolean({
      summary: 'Copy the rows of new tables.',
      default: true,
      allowNo: true,
    }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSubscriptionRefresh);
    const { name } = args;
    return this.change(
      flags,
      { do: 'refresh', name, copyData: flags['copy-data'] } as const,
      primitives,
    );
  }
}
