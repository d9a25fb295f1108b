// steep status

import { BaseCommand } from '../cli/base-command.ts';
import { renderStatus } from '../cli/render-status.ts';
import { exitOfCodes } from '../workflows/plan.ts';
import { status } from '../workflows/status.ts';

export default class Status extends BaseCommand {
  static override summary = 'Nodes, subscriptions, slots and lag, with a verdict on each edge.';

  static override description =
    'Looks at both ends of every edge. Never says ok while replication is broken.';

  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  async run(): Promise<object> {
    const { flags } = await this.parse(Status);
    const style = this.style(flags['no-color']);
    const { diagnostics, report } = await status(flags.config, this.host(flags));
    this.tell(diagnostics, style);
    if (report === null) return this.invalidFile(diagnostics);
    this.log(renderStatus(report, style));
    const unread = report.nodes.flatMap((node) => (node.reachable ? [] : [node.error.code]));
    if (unread.length > 0) process.exitCode = exitOfCodes(unread);
    else if (report.overall === 'broken') this.endWith('error');
    return report;
  }
}
