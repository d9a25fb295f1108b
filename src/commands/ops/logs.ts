// steep ops logs ID

import { BaseCommand } from '../../cli/base-command.ts';
import { placeOf } from '../../cli/flags/primitive-flags.ts';
import { operationArg, operationId, opsFlags } from '../../cli/flags/queue-flags.ts';
import { renderOperationLog } from '../../cli/render/render-operations.ts';
import { operationLog } from '../../workflows/queue/ops.ts';

export default class OpsLogs extends BaseCommand {
  static override summary = 'What an operation did: its lines in the audit log of its node.';

  static override description =
    'Read-only. Who took it and when, how each attempt ended, and what its runs changed. Each statement is in the log ' +
    'file of the worker: steep worker --log-file.';

  static override examples = ['<%= config.bin %> ops logs 7 --node reporting'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override args = operationArg;

  static override flags = opsFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(OpsLogs);
    const id = operationId(args.id);
    const result = await operationLog(placeOf(flags), id, this.runtime(flags));
    return this.printRead(result, flags, ({ lines }) => renderOperationLog(lines));
  }
}
