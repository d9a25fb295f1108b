// steep replication publication add-tables NAME

import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import {
  changeFlags,
  edgePlaceFlags,
  nameArg,
  requiredTablesFlag,
} from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationPublicationAddTables extends ChangingCommand {
  static override summary = 'Add tables to a publication.';

  static override description =
    'Shows the plan of this one change, and asks. Subscribers receive them after a refresh: steep replication sub refresh.';

  static override examples = [
    '<%= config.bin %> replication pub add-tables sales --tables public.refunds --node primary',
  ];

  static override aliases = ['replication:pub:add-tables'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('publication');

  static override flags = {
    ...edgePlaceFlags,
    tables: requiredTablesFlag,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationPublicationAddTables);
    const { name } = args;
    return this.change(
      flags,
      { do: 'add-tables', name, tables: flags.tables } as const,
      primitives,
    );
  }
}
