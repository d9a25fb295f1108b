// steep status

import { BaseCommand } from '../cli/base-command.ts';
import { renderStatus } from '../cli/render-status.ts';
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
    if (report.nodes.some(({ reachable }) => !reachable)) this.endWith('incomplete');
    else if (report.overall === 'broken') this.endWith('error');
    return report;
  }
}
