// steep replication subscription disable NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, edgePlaceFlags, nameArg } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSubscriptionDisable extends ChangingCommand {
  static override summary = 'Disable a subscription.';

  static override description =
    'Shows the plan of this one change, and asks. Its slot keeps WAL on the publisher until it is enabled again.';

  static override examples = ['<%= config.bin %> replication sub disable sales --node reporting'];

  static override aliases = ['replication:sub:disable'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('subscription');

  static override flags = {
    ...edgePlaceFlags,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSubscriptionDisable);
    const { name } = args;
    return this.change(flags, { do: 'disable', name } as const, primitives);
  }
}
