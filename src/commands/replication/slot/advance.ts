// steep replication slot advance NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, lsnFlag, nameArg, placeFlags } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSlotAdvance extends ChangingCommand {
  static override summary = 'Move a slot to a later position; no session may be reading it.';

  static override description =
    'Shows the plan of this one change, and asks. What lies before the new position is never sent: that needs consent.';

  static override examples = [
    '<%= config.bin %> replication slot advance sales --lsn 3/5A0F1C8 --node primary',
  ];

  static override exitCodes = runExitCodes;

  static override args = nameArg('slot');

  static override flags = {
    ...placeFlags,
    lsn: lsnFlag({ summary: 'The new position.', required: true }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSlotAdvance);
    const { name } = args;
    return this.change(
      flags,
      { do: 'advance', kind: 'slot', name, lsn: flags.lsn } as const,
      primitives,
    );
  }
}
