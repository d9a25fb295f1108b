// steep replication publication drop NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { changeFlags, edgePlaceFlags, nameArg } from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationPublicationDrop extends ChangingCommand {
  static override summary = 'Drop a publication.';

  static override description =
    'Shows the plan of this one change, and asks. Subscriptions that read it stop with an error: where steep sees one, that needs consent.';

  static override examples = ['<%= config.bin %> replication pub drop sales --node primary'];

  static override aliases = ['replication:pub:drop'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('publication');

  static override flags = {
    ...edgePlaceFlags,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationPublicationDrop);
    const { name } = args;
    return this.change(
      flags,
      { do: 'drop', kind: 'publication', name, keepSlot: false } as const,
      primitives,
    );
  }
}
