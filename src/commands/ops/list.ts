// steep ops list

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { placeOf } from '../../cli/flags/primitive-flags.ts';
import { opsFlags, workStatuses } from '../../cli/flags/queue-flags.ts';
import { renderOperations } from '../../cli/render/render-operations.ts';
import { listOperations } from '../../workflows/queue/ops.ts';

export default class OpsList extends BaseCommand {
  static override summary = 'The operations in the queue of a node.';

  static override description = 'Read-only. What has ended is kept for 30 days.';

  static override examples = [
    '<%= config.bin %> ops list --node reporting',
    '<%= config.bin %> ops list --node reporting --status failed',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = {
    ...opsFlags,
    status: Flags.option({ summary: 'Only those of this status.', options: workStatuses })(),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(OpsList);
    const status = flags.status ?? null;
    const result = await listOperations(placeOf(flags), status, this.runtime(flags));
    return this.printRead(result, flags, ({ node, operations }) =>
      renderOperations(operations, node),
    );
  }
}
