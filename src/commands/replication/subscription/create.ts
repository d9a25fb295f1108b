// steep replication subscription create NAME

import { Flags } from '@oclif/core';
import { ChangingCommand } from '../../../cli/changing-command.ts';
import { runExitCodes } from '../../../cli/flags/apply-flags.ts';
import {
  changeFlags,
  copyMethods,
  nameArg,
  optionFlag,
  placeFlags,
  schemaSyncs,
} from '../../../cli/flags/primitive-flags.ts';
import { peerChoiceFlags } from '../../../cli/flags/schema-flags.ts';
import { primitives } from '../../../workflows/primitives/change-one.ts';

export default class ReplicationSubscriptionCreate extends ChangingCommand {
  static override summary = 'Create a subscription with its slot, and copy its tables.';

  static override description =
    'Shows the plan of this one change, and asks. The publisher is --peer or --peer-connection; the subscription gets that connection. A slot that exists already is used from its current position.';

  static override examples = [
    '<%= config.bin %> replication sub create sales --peer primary --publication sales --node reporting',
    '<%= config.bin %> replication sub create sales --publication sales -c "$REPORTING_URL" --peer-connection "$PRIMARY_URL"',
  ];

  static override aliases = ['replication:sub:create'];

  static override exitCodes = runExitCodes;

  static override args = nameArg('subscription');

  static override flags = {
    ...placeFlags,
    ...peerChoiceFlags,
    publication: Flags.string({
      summary: 'A publication of the publisher; repeatable.',
      helpValue: 'NAME,…',
      multiple: true,
      delimiter: ',',
      required: true,
    }),
    slot: Flags.string({
      summary: 'The name of its slot; default: that of the subscription.',
      helpValue: 'NAME',
    }),
    enabled: Flags.boolean({ summary: 'Let it run at once.', default: true, allowNo: true }),
    'copy-data': Flags.boolean({
      summary: 'Copy the rows that are there; --no-copy-data is --method none.',
      default: true,
      allowNo: true,
    }),
    method: Flags.option({ options: copyMethods })({
      summary: 'How rows are copied: by steep, by PostgreSQL, or not at all; default: parallel.',
    }),
    workers: Flags.integer({
      summary: 'Connections of a parallel copy on each side; default: 4.',
      helpValue: 'N',
      min: 1,
    }),
    'schema-sync': Flags.option({ options: schemaSyncs })({
      summary: 'What happens if schemas differ; default: strict.',
    }),
    option: optionFlag({
      summary: 'An option of CREATE SUBSCRIPTION, such as binary=true; repeatable.',
      multiple: true,
    }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ReplicationSubscriptionCreate);
    const { name } = args;
    const asked = {
      do: 'create-subscription',
      name,
      publications: flags.publication,
      slot: flags.slot ?? null,
      enabled: flags.enabled,
      method: flags.method ?? (flags['copy-data'] ? 'parallel' : 'none'),
      workers: flags.workers ?? null,
      schemaSync: flags['schema-sync'] ?? null,
      options: Object.fromEntries(flags.option ?? []),
    } as const;
    return this.change(flags, asked, primitives);
  }
}
