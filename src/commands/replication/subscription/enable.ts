// steep replication subscription enable NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, edgePlaceFlags, nameArg } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSubscriptionEnable extends ChangingCommand {
  static override summary = 'Enable a subscription.';

  static override description =
    'Shows the plan of this one change, and asks. It continues from the position of its slot.';

  static override examples = ['<%= config.bin %> replication sub enable sales --node reporting'];

  static override aliases = ['replication:sub:enable'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('subscription');

  static override flags = {
    ...edgePlaceFlags,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSubscriptionEnable);
    const { name } = args;
    return this.change(flags, { do: 'enable', name } as const, primitives);
  }
}
