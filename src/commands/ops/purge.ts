// steep ops purge

import { BaseCommand } from '../../cli/base-command.ts';
import { placeOf } from '../../cli/flags/primitive-flags.ts';
import { ageFlag, opsFlags } from '../../cli/flags/queue-flags.ts';
import { purgeOperations } from '../../workflows/queue/ops.ts';

export default class OpsPurge extends BaseCommand {
  static override summary = 'Delete operations that ended long ago from the queue of a node.';

  static override description =
    'Whatever waits or is running stays; so does the audit log. A worker deletes what ended 30 days ago by itself.';

  static override examples = ['<%= config.bin %> ops purge --node reporting --older-than 7d'];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = {
    ...opsFlags,
    'older-than': ageFlag({
      summary: 'Only what ended so long ago.',
      default: 30 * 24 * 3_600_000,
      defaultHelp: () => Promise.resolve('30d'),
    }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(OpsPurge);
    const result = await purgeOperations(placeOf(flags), flags['older-than'], this.runtime(flags));
    return this.printRead(
      result,
      flags,
      ({ node, purged }) => `Deleted ${purged} operations of node ${node}.`,
    );
  }
}
