// steep replication subscription drop NAME

import { Flags } from '@oclif/core';
import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, edgePlaceFlags, nameArg } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSubscriptionDrop extends ChangingCommand {
  static override summary = 'Drop a subscription with its slot.';

  static override description =
    'Shows the plan of this one change, and asks. The slot is dropped where its publisher is a node of steep.yaml or --peer-connection; elsewhere it stays, and the plan says so.';

  static override examples = [
    '<%= config.bin %> replication sub drop sales --node reporting',
    '<%= config.bin %> replication sub drop sales --keep-slot -c "$REPORTING_URL"',
  ];

  static override aliases = ['replication:sub:drop'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('subscription');

  static override flags = {
    ...edgePlaceFlags,
    'keep-slot': Flags.boolean({
      summary: 'Leave the slot on the publisher: it keeps WAL until it is read or dropped.',
      default: false,
    }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSubscriptionDrop);
    const { name } = args;
    return this.change(
      flags,
      { do: 'drop', kind: 'subscription', name, keepSlot: flags['keep-slot'] } as const,
      primitives,
    );
  }
}
