// steep replication origin advance NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, lsnFlag, nameArg, placeFlags } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationOriginAdvance extends ChangingCommand {
  static override summary = 'Move a replication origin forward.';

  static override description =
    'Shows the plan of this one change, and asks. Changes before the new position count as applied: that needs consent. One that belongs to a subscription is refused.';

  static override examples = [
    '<%= config.bin %> replication origin advance feed --lsn 3/5A0F1C8 --node reporting',
  ];

  static override exitCodes = runExitCodes;

  static override args = nameArg('origin');

  static override flags = {
    ...placeFlags,
    lsn: lsnFlag({ summary: 'The new position.', required: true }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationOriginAdvance);
    const { name } = args;
    return this.change(
      flags,
      { do: 'advance', kind: 'origin', name, lsn: flags.lsn } as const,
      primitives,
    );
  }
}
