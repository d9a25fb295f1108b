// steep ops cancel ID

import { BaseCommand } from '../../cli/base-command.ts';
import { placeOf } from '../../cli/flags/primitive-flags.ts';
import { operationArg, operationId, opsFlags } from '../../cli/flags/queue-flags.ts';
import { renderOperation } from '../../cli/render/render-operations.ts';
import { cancelOperation } from '../../workflows/queue/ops.ts';

export default class OpsCancel extends BaseCommand {
  static override summary = 'Cancel an operation that waits in the queue, or is running.';

  static override description =
    'The same as SELECT steep_repl.cancel_work(ID). One that waits is cancelled at once; one that is running stops after its ' +
    'current statement, as an interrupted command would. What it had copied stays on record: steep init cancel rolls ' +
    'an initial copy back, and the same operation queued again resumes it.';

  static override examples = ['<%= config.bin %> ops cancel 7 --node reporting'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = operationArg;

  static override flags = opsFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(OpsCancel);
    const id = operationId(args.id);
    return this.printRead(
      await cancelOperation(placeOf(flags), id, this.runtime(flags)),
      flags,
      renderOperation,
    );
  }
}
