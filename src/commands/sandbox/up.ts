// steep sandbox up

import { BaseCommand } from '../../cli/base-command.ts';
import { sandboxUpFlags } from '../../cli/flags/demo-flags.ts';
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

  static override flags = sandboxUpFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(SandboxUp);
    const { dir: directory, nodes, pg } = flags;
    const report = await bringUp({ directory, nodes, pg }, new Date());
    this.log(renderSandbox(report));
    return report;
  }
}
