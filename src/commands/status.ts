// steep status

import { Flags, type Interfaces } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { projectSource, sourceFlags } from '../cli/flags/primitive-flags.ts';
import { catchInterrupts } from '../cli/interrupts.ts';
import { openFollowView } from '../cli/progress/follow-view.ts';
import { renderFollowed } from '../cli/render/render-init.ts';
import { renderStatus } from '../cli/render/render-status.ts';
import { followEnding, followInits } from '../workflows/init/follow-inits.ts';
import { statusOf } from '../workflows/observe/status.ts';

type StatusFlags = Interfaces.InferredFlags<typeof Status.flags & typeof BaseCommand.baseFlags>;

export default class Status extends BaseCommand {
  static override summary = 'Nodes, subscriptions, slots and lag, with a verdict on each edge.';

  static override description =
    'Checks both ends of every edge. Never reports ok while replication is broken.';

  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --json',
    '<%= config.bin %> status -c "$REPORTING_URL" --peer-connection "$PRIMARY_URL"',
    '<%= config.bin %> status --follow',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = {
    ...sourceFlags,
    follow: Flags.boolean({
      summary: 'Follow initial copies until none is running; with --json, one event for each line.',
    }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Status);
    return this.look(flags, null);
  }

  /** At what goes into this node; null: at all of it. */
  protected look(flags: StatusFlags, node: string | null): Promise<object> {
    return flags.follow ? this.follow(flags, node) : this.show(flags, node);
  }

  private async show(flags: StatusFlags, node: string | null): Promise<object> {
    const style = this.style(flags['no-color']);
    const { diagnostics, report } = await statusOf(projectSource(flags), node, this.runtime(flags));
    this.tell(diagnostics, style);
    if (report === null) return this.invalidFile(diagnostics);
    this.log(renderStatus(report, style));
    const unread = report.nodes.flatMap((node) => (node.reachable ? [] : [node.error.code]));
    if (!this.endUnread(unread) && report.overall === 'broken') this.endWith('error');
    return report;
  }

  private async follow(flags: StatusFlags, node: string | null): Promise<object> {
    const style = this.style(flags['no-color']);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    const runtime = this.runtime(flags, interrupts.signal);
    const json = this.jsonEnabled();
    const { stdout, env } = process;
    const view = openFollowView({ json, log: this.logFile, stdout, env, now: runtime.now, style });
    try {
      const request = { source: projectSource(flags), node, ...view, signal: interrupts.signal };
      const { diagnostics, inits, unreadable } = await followInits(request, runtime);
      await view.close();
      this.tell([...diagnostics, ...unreadable], style);
      if (inits === null) return this.invalidFile(diagnostics);
      this.log(renderFollowed(inits));
      process.exitCode = interrupts.exit() ?? followEnding(inits, unreadable);
      return { inits, unreadable };
    } finally {
      await view.close();
      interrupts.restore();
    }
  }
}
