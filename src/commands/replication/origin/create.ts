// steep replication origin create NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, nameArg, placeFlags } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationOriginCreate extends ChangingCommand {
  static override summary = 'Create a replication origin that belongs to no subscription.';

  static override description =
    'Shows the plan of this one change, and asks. Subscriptions have their own.';

  static override examples = ['<%= config.bin %> replication origin create feed --node reporting'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('origin');

  static override flags = {
    ...placeFlags,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationOriginCreate);
    const { name } = args;
    return this.change(flags, { do: 'create-origin', name } as const, primitives);
  }
}
