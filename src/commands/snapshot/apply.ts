// steep snapshot apply

import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { runExitCodes, runFlags } from '../../cli/apply-flags.ts';
import { ApplyingCommand } from '../../cli/applying-command.ts';
import { snapshotApply } from '../../workflows/snapshot-apply.ts';

export default class SnapshotApply extends ApplyingCommand {
  static override summary = 'Fill a node from a snapshot, and make its subscriptions.';

  static override description =
    'As apply with its subscriptions as targets, and with init: { method: two_phase } in place of what the file says ' +
    'of them: those that read only publications of the snapshot. Every file is verified first. Run again, it goes on ' +
    'where it was interrupted.';

  static override examples = [
    '<%= config.bin %> snapshot apply --node reporting --input /backup/sales --create-subscription',
    '<%= config.bin %> snapshot apply --node reporting --input s3://backups/sales --create-subscription --jobs 8',
  ];

  static override exitCodes = runExitCodes;

  static override flags = {
    node: Flags.string({
      summary: 'The node that is filled.',
      helpValue: 'NAME',
      required: true,
    }),
    input: Flags.string({
      summary: 'Where the snapshot is: a directory, or s3://BUCKET/PREFIX.',
      helpValue: 'DIR',
      required: true,
    }),
    'create-subscription': Flags.boolean({
      summary: 'Make the subscriptions of the node that go on from the snapshot.',
      required: true,
    }),
    jobs: Flags.integer({
      summary: 'Connections that load at once, in place of what the file says.',
      helpValue: 'N',
      min: 1,
      max: 64,
    }),
    force: Flags.boolean({
      summary: 'Empty tables that hold other rows first; needs consent.',
      default: false,
    }),
    'schema-sync': Flags.option({
      summary: 'What becomes of tables that differ, in place of what the file says.',
      options: ['strict', 'auto', 'manual'] as const,
    })(),
    ...runFlags,
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SnapshotApply);
    const host = this.host(flags);
    const { node, input, jobs, force, 'schema-sync': schemaSync } = flags;
    const location = /^[a-z0-9]+:\/\//.test(input) ? input : resolve(input);
    const options = {
      prune: false,
      ...(force && { force: true as const }),
      ...(jobs === undefined ? {} : { copyWorkers: jobs }),
      ...(schemaSync === undefined ? {} : { schemaSync }),
    };
    return this.onStage(this.style(flags['no-color']), async (stage) => {
      const request = { ...this.runRequest(flags, stage), options };
      return this.finish(await snapshotApply({ node, location }, request, host), stage);
    });
  }
}
