// steep init status [NODE]

import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderStatus } from '../../cli/render-status.ts';
import { exitOfCodes } from '../../workflows/plan.ts';
import { statusOf } from '../../workflows/status.ts';

export default class InitStatus extends BaseCommand {
  static override summary = 'How far the first copies into a node are.';

  static override description = 'As status, of what one node gets; of all nodes without NODE.';

  static override examples = [
    '<%= config.bin %> init status',
    '<%= config.bin %> init status reporting --json',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = {
    node: Args.string({ description: 'The node that is filled.' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitStatus);
    const style = this.style(flags['no-color']);
    const { diagnostics, report } = await statusOf(
      flags.config,
      args.node ?? null,
      this.host(flags),
    );
    this.tell(diagnostics, style);
    if (report === null) return this.invalidFile(diagnostics);
    this.log(renderStatus(report, style));
    const unread = report.nodes.flatMap((node) => (node.reachable ? [] : [node.error.code]));
    if (unread.length > 0) process.exitCode = exitOfCodes(unread);
    else if (report.overall === 'broken') this.endWith('error');
    return report;
  }
}
