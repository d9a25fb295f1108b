// steep ops status ID

import { BaseCommand } from '../../cli/base-command.ts';
import { placeOf } from '../../cli/flags/primitive-flags.ts';
import { operationArg, operationId, opsFlags } from '../../cli/flags/queue-flags.ts';
import { renderOperation } from '../../cli/render/render-operations.ts';
import { operationStatus } from '../../workflows/queue/ops.ts';

export default class OpsStatus extends BaseCommand {
  static override summary = 'What is known of one operation: its worker, its attempts, its error.';

  static override description = 'Read-only.';

  static override examples = ['<%= config.bin %> ops status 7 --node reporting'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = operationArg;

  static override flags = opsFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(OpsStatus);
    const id = operationId(args.id);
    return this.printRead(
      await operationStatus(placeOf(flags), id, this.runtime(flags)),
      flags,
      renderOperation,
    );
  }
}
