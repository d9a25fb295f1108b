// steep replication publication create NAME

import { Flags } from '@oclif/core';
import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import { listFlagOf } from '../../../cli/flags/list-flag.ts';
import {
  changeFlags,
  nameArg,
  placeFlags,
  publishOperations,
  tablesFlag,
} from '../../../cli/flags/primitive-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationPublicationCreate extends ChangingCommand {
  static override summary = 'Create a publication.';

  static override description =
    'Shows the plan of this one change, and asks. If it exists already as requested, nothing is done.';

  static override examples = [
    '<%= config.bin %> replication pub create sales --tables public.orders,public.items --node primary',
    '<%= config.bin %> replication pub create sales --tables orders -c postgresql://10.0.0.4/app',
  ];

  static override aliases = ['replication:pub:create'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('publication');

  static override flags = {
    ...placeFlags,
    tables: tablesFlag,
    schemas: Flags.string({
      summary: 'All tables of these schemas, also later ones; PostgreSQL 15 or later.',
      helpValue: 'NAME,…',
      multiple: true,
      delimiter: ',',
    }),
    publish: listFlagOf(publishOperations)({
      summary: 'The operations that it sends; default: all.',
    }),
    'via-partition-root': Flags.boolean({
      summary: 'Send rows of partitions as those of the partitioned table.',
      default: false,
    }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationPublicationCreate);
    const { name } = args;
    const asked = {
      do: 'create-publication',
      name,
      tables: flags.tables ?? [],
      schemas: flags.schemas ?? [],
      publish: flags.publish ?? [],
      viaPartitionRoot: flags['via-partition-root'],
    } as const;
    return this.change(flags, asked, primitives);
  }
}
