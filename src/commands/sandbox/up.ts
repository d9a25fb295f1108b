// steep sandbox up

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderSandbox } from '../../cli/render/render-sandbox.ts';
import { bringUp } from '../../workflows/demo/sandbox.ts';

export default class SandboxUp extends BaseCommand {
  static override summary = 'Start throwaway local servers, ready for logical replication.';

  static override description =
    'Needs neither Docker nor an installed PostgreSQL. Each node has an empty database "app". ' +
    'Run again, it starts the servers that are not running.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --pg 14,18 --dir ./sandbox',
  ];

  static override exitCodes = ['refused'] as const;

  static override flags = {
    nodes: Flags.integer({
      summary: 'How many nodes; default: 2, or as many as major versions.',
      helpValue: 'N',
      min: 1,
      max: 16,
    }),
    pg: Flags.string({
      summary: 'Major versions of PostgreSQL of the nodes, in turn; default: 18.',
      helpValue: 'MAJORS',
    }),
    dir: Flags.directory({
      summary: 'The directory of the sandbox; default: ~/.steep/sandbox.',
      helpValue: 'DIR',
    }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(SandboxUp);
    const { dir: directory, nodes, pg } = flags;
    const report = await bringUp({ directory, nodes, pg }, new Date());
    this.log(renderSandbox(report));
    return report;
  }
}
