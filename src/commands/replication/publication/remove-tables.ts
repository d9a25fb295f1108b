// steep replication publication remove-tables NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import {
  changeFlags,
  edgePlaceFlags,
  nameArg,
  requiredTablesFlag,
} from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationPublicationRemoveTables extends ChangingCommand {
  static override summary = 'Take tables out of a publication.';

  static override description =
    'Shows the plan of this one change, and asks. Their changes are not sent from then on: a table that is added again needs a new copy.';

  static override examples = [
    '<%= config.bin %> replication pub remove-tables sales --tables public.refunds --node primary',
  ];

  static override aliases = ['replication:pub:remove-tables'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('publication');

  static override flags = {
    ...edgePlaceFlags,
    tables: requiredTablesFlag,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationPublicationRemoveTables);
    const { name } = args;
    return this.change(
      flags,
      { do: 'remove-tables', name, tables: flags.tables } as const,
      primitives,
    );
  }
}
