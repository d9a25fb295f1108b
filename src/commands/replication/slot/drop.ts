// steep replication slot drop NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, edgePlaceFlags, nameArg } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSlotDrop extends ChangingCommand {
  static override summary = 'Drop a slot and its position.';

  static override description =
    'Shows the plan of this one change, and asks. Changes that its subscriber has not received are lost to it: that needs consent.';

  static override examples = [
    '<%= config.bin %> replication slot drop sales --node primary --allow-hazard SLOT_DROP=primary/slot.sales',
  ];

  static override exitCodes = runExitCodes;

  static override args = nameArg('slot');

  static override flags = {
    ...edgePlaceFlags,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSlotDrop);
    const { name } = args;
    return this.change(
      flags,
      { do: 'drop', kind: 'slot', name, keepSlot: false } as const,
      primitives,
    );
  }
}
