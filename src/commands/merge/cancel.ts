// steep merge cancel PAIR

import { ApplyingCommand, type Stage } from '../../cli/applying-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { mergeArgs } from '../../cli/flags/merge-flags.ts';
import { renderFinishedMerge } from '../../cli/render/render-merge.ts';
import { mergeStatus } from '../../workflows/merge/merge-record.ts';
import { cancelMergeOf } from '../../workflows/merge/start.ts';

export default class MergeCancel extends ApplyingCommand {
  static override summary = 'Give up a merge that has written nothing, and drop what it created.';

  static override description =
    'Drops both subscriptions and their slots, so that no WAL is kept. Refused once a node has committed merged rows: then ' +
    'merge start finishes it. If the nodes are merged, or nothing was begun, nothing is done.';

  static override examples = ['<%= config.bin %> merge cancel us_eu'];

  static override exitCodes = runExitCodes;

  static override args = mergeArgs;

  static override flags = runFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(MergeCancel);
    return this.onStage(flags, async (stage) => {
      const request = { ...this.runRequest(flags, stage), options: { prune: false } };
      const done = this.finish(await cancelMergeOf(args.pair, request, stage.host), stage);
      if ((process.exitCode ?? 0) === 0) await this.sayMerged(flags.config, args.pair, stage);
      return done;
    });
  }

  /** A merge that is finished has nothing to give up, which an empty plan alone does not say. */
  private async sayMerged(file: string, pair: string, { host, interrupts }: Stage): Promise<void> {
    const { report } = await mergeStatus({ file, pair, signal: interrupts.signal }, host);
    if (report?.state === 'merged') this.log(renderFinishedMerge(report));
  }
}
