// steep worker

import { BaseCommand } from '../cli/base-command.ts';
import { workerFlags } from '../cli/flags/queue-flags.ts';
import { catchInterrupts } from '../cli/interrupts.ts';
import { sayOneLine, sayOnStderr } from '../cli/output.ts';
import { type WorkerRequest, work } from '../workflows/queue/worker.ts';
import { workerHealth } from '../workflows/queue/worker-health.ts';

export default class Worker extends BaseCommand {
  static override summary = 'Run the operations in the queues of the nodes of steep.yaml.';

  static override description =
    'Takes operations from the queues of the nodes: those of --queue, and of the functions of steep_repl whose names ' +
    'begin with start_. Any number of workers may run, on any machine. When one ends, another one ' +
    'resumes what it had. Ends on SIGTERM: what is running stops after its current statement, and goes back into the queue.';

  static override examples = [
    '<%= config.bin %> worker',
    '<%= config.bin %> worker --node reporting --concurrency 4 --snapshots s3://backups/app --drain',
    '<%= config.bin %> worker --once',
    '<%= config.bin %> worker --join --node reporting --concurrency 4',
    '<%= config.bin %> worker --health',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = workerFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(Worker);
    const nodes = flags.node ?? [];
    if (flags.health) return this.health(flags, nodes);
    const interrupts = catchInterrupts(
      () => sayOnStderr(flags.drain ? 'Ends when what is running is done.' : 'Stops.'),
      () => sayOnStderr('Stopped at once: another worker resumes what was running.'),
    );
    const request: WorkerRequest = {
      file: flags.config,
      nodes,
      concurrency: flags.concurrency,
      join: flags.join,
      snapshots: flags.snapshots ?? [],
      drain: flags.drain,
      once: flags.once,
      pid: process.pid,
      signal: interrupts.signal,
      onEvent: (event) => this.logEvent(event),
      // Errors of operations hold what those who queue them have written.
      say: (text) => sayOneLine(`${new Date().toISOString().slice(0, 19)}Z ${text}`),
    };
    try {
      const { diagnostics, report } = await work(request, this.runtime(flags, interrupts.signal));
      this.tell(diagnostics, this.style(flags['no-color']));
      if (report === null) return this.invalidFile(diagnostics);
      const { complete, failed, cancelled, returned } = report;
      this.log(
        `${complete} complete, ${failed} failed, ${cancelled} cancelled, ${returned} given back.`,
      );
      process.exitCode = interrupts.exit() ?? 0;
      return report;
    } finally {
      interrupts.restore();
    }
  }

  private async health(
    flags: Parameters<BaseCommand['runtime']>[0] & {
      readonly config: string;
      readonly 'no-color': boolean;
    },
    nodes: readonly string[],
  ): Promise<object> {
    const runtime = this.runtime(flags);
    const { diagnostics, report } = await workerHealth({ file: flags.config, nodes }, runtime);
    this.tell(diagnostics, this.style(flags['no-color']));
    if (report === null) return this.invalidFile(diagnostics);
    for (const { node, reason, workers } of report.nodes) {
      this.log(`${node}: ${reason ?? (workers.length === 0 ? 'could not be asked' : 'served')}`);
    }
    if (!report.healthy) this.endWith('error');
    return report;
  }
}
