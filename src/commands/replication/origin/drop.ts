// steep replication origin drop NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, nameArg, placeFlags } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationOriginDrop extends ChangingCommand {
  static override summary = 'Drop a replication origin and its position.';

  static override description =
    'Shows the plan of this one change, and asks. One that belongs to a subscription is refused.';

  static override examples = ['<%= config.bin %> replication origin drop feed --node reporting'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('origin');

  static override flags = {
    ...placeFlags,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationOriginDrop);
    const { name } = args;
    return this.change(
      flags,
      { do: 'drop', kind: 'origin', name, keepSlot: false } as const,
      primitives,
    );
  }
}
