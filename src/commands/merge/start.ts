// steep merge start PAIR

import { ApplyingCommand } from '../../cli/applying-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { mergeArgs } from '../../cli/flags/merge-flags.ts';
import { startMerge } from '../../workflows/merge/start.ts';

export default class MergeStart extends ApplyingCommand {
  static override summary = 'Merge the nodes of a pair, and replicate both ways from then on.';

  static override description =
    'Like apply with both subscriptions of the pair as targets: shows the plan, and asks. Safe to run again: an interrupted ' +
    'merge is finished.';

  static override examples = ['<%= config.bin %> merge start us_eu'];

  static override exitCodes = runExitCodes;

  static override args = mergeArgs;

  static override flags = runFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MergeStart);
    return this.onStage(flags, async (stage) => {
      const request = { ...this.runRequest(flags, stage), options: { prune: false } };
      return this.finish(await startMerge(args.pair, request, stage.host), stage);
    });
  }
}
