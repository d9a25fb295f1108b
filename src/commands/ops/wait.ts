// steep ops wait ID

import { BaseCommand } from '../../cli/base-command.ts';
import { timeFlag } from '../../cli/flags/flags.ts';
import { placeOf } from '../../cli/flags/primitive-flags.ts';
import { operationArg, operationId, opsFlags } from '../../cli/flags/queue-flags.ts';
import { catchInterrupts } from '../../cli/interrupts.ts';
import { renderOperation } from '../../cli/render/render-operations.ts';
import { waitForOperation } from '../../workflows/queue/ops.ts';

export default class OpsWait extends BaseCommand {
  static override summary = 'Wait until an operation is over.';

  static override description =
    'Exits with 0 if it is complete, with 1 if it has failed or was cancelled, and with 8 if it was not over in time.';

  static override examples = [
    '<%= config.bin %> ops wait 7 --node reporting',
    '<%= config.bin %> ops wait 7 --node reporting --timeout 2h',
  ];

  static override exitCodes = ['incomplete', 'notConverged', 'invalidFile'] as const;

  static override args = operationArg;

  static override flags = {
    ...opsFlags,
    timeout: timeFlag({ summary: 'How long to wait; default: as long as it takes.' }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(OpsWait);
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    try {
      const request = {
        id: operationId(args.id),
        timeoutMs: flags.timeout ?? null,
        signal: interrupts.signal,
      };
      const runtime = this.runtime(flags, interrupts.signal);
      const result = await waitForOperation(placeOf(flags), request, runtime);
      if (result.outcome === 'read') this.endAs(result.report.status);
      return this.printRead(result, flags, renderOperation);
    } finally {
      interrupts.restore();
    }
  }

  private endAs(status: string): void {
    if (status === 'failed' || status === 'cancelled') this.endWith('error');
    if (status === 'pending' || status === 'running') this.endWith('notConverged');
  }
}
