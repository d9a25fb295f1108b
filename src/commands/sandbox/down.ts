// steep sandbox down

import { BaseCommand } from '../../cli/base-command.ts';
import { sandboxFlags } from '../../cli/flags/demo-flags.ts';
import { renderRemovedSandbox } from '../../cli/render/render-sandbox.ts';
import { takeDown } from '../../workflows/demo/sandbox.ts';

export default class SandboxDown extends BaseCommand {
  static override summary = 'Stop the servers of a sandbox and remove them with their data.';

  static override description = 'Removes only what "sandbox up" created. Prints what was removed.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --dir ./sandbox',
  ];

  static override exitCodes = ['refused'] as const;

  static override flags = sandboxFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(SandboxDown);
    const report = await takeDown(flags.dir);
    this.log(renderRemovedSandbox(report));
    return report;
  }
}
