// steep sandbox status

import { BaseCommand } from '../../cli/base-command.ts';
import { sandboxFlags } from '../../cli/flags/demo-flags.ts';
import { renderSandbox } from '../../cli/render/render-sandbox.ts';
import { readStatus } from '../../workflows/demo/sandbox.ts';

export default class SandboxStatus extends BaseCommand {
  static override summary = 'Show the servers of a sandbox and how to reach them.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dir ./sandbox --json',
  ];

  static override exitCodes = ['refused'] as const;

  static override flags = sandboxFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(SandboxStatus);
    const report = await readStatus(flags.dir);
    this.log(renderSandbox(report));
    return report;
  }
}
