// steep demo

import { BaseCommand } from '../cli/base-command.ts';
import { demoFlags } from '../cli/flags/demo-flags.ts';
import { catchInterrupts } from '../cli/interrupts.ts';
import { sayOnStderr } from '../cli/output.ts';
import { openRunView } from '../cli/progress/run-view.ts';
import { aliasOf, createDemoView, renderDemoEnd } from '../cli/render/render-demo.ts';
import { demo } from '../workflows/demo/demo.ts';

export default class Demo extends BaseCommand {
  static override summary = 'Try plan, apply and a comparison of all rows on throwaway servers.';

  static override description =
    'Starts real servers, replicates a million rows while other rows change, compares every row, and removes the servers.';

  static override examples = [
    '<%= config.bin %> demo',
    '<%= config.bin %> demo --keep',
    '<%= config.bin %> demo --pg 14,18',
  ];

  static override exitCodes = ['refused', 'partial', 'notConverged'] as const;

  static override flags = demoFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(Demo);
    const { keep, nodes, pg, dir: directory } = flags;
    const style = this.style(flags['no-color']);
    const runtime = this.runtime(flags);
    const view = createDemoView((text) => this.log(text), style, aliasOf(process));
    const run = openRunView({ json: false, log: this.logFile, style });
    // Not `logToStderr`, which says nothing under --json.
    const say = sayOnStderr;
    const interrupts = catchInterrupts(
      () => say('Interrupted: stops the servers and removes them.'),
      () => say(view.leftBehind()),
    );
    try {
      const request = { directory, nodes, pg, keep, tell: view.tell };
      const shown = { onEvent: run.onEvent, signal: interrupts.signal };
      const report = await demo({ ...request, ...shown }, runtime);
      process.exitCode = interrupts.exit() ?? report?.exit_code;
      if (report === null) return { agreed: false, exit_code: process.exitCode };
      this.log(`\n${renderDemoEnd(report, style)}`);
      return report;
    } finally {
      await run.close();
      interrupts.restore();
    }
  }
}
