// steep replication slot create NAME

import { Flags } from '@oclif/core';
import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, nameArg, placeFlags } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSlotCreate extends ChangingCommand {
  static override summary = 'Create a logical slot.';

  static override description =
    'Shows the plan of this one change, and asks. It keeps WAL until a subscription reads it. PostgreSQL waits for open write transactions first.';

  static override examples = ['<%= config.bin %> replication slot create sales --node primary'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('slot');

  static override flags = {
    ...placeFlags,
    plugin: Flags.string({ summary: 'The output plugin.', helpValue: 'NAME', default: 'pgoutput' }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSlotCreate);
    const { name } = args;
    return this.change(
      flags,
      { do: 'create-slot', name, plugin: flags.plugin } as const,
      primitives,
    );
  }
}
