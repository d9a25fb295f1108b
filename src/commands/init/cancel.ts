// steep init cancel NODE

import { ApplyingCommand } from '../../cli/applying-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { scopedInitArgs, sourceFlag } from '../../cli/flags/init-scope-flags.ts';
import { initCancel } from '../../workflows/init/init.ts';

/** How long a run that makes a copy may take to end; --wait-for-lock says otherwise. */
const patienceMs = 30_000;

export default class InitCancel extends ApplyingCommand {
  static override summary = 'End first copies into a node, and take back what they made.';

  static override description =
    'A run that makes the copy, on whatever machine, is asked to stop, and takes back its rows, its slot and its ' +
    'state; what a run that is gone has left is taken back here. Rows that PostgreSQL itself copied stay, and the ' +
    'plan says which. Where nothing is under way, nothing is done.';

  static override examples = [
    '<%= config.bin %> init cancel reporting',
    '<%= config.bin %> init cancel reporting --from primary --auto-approve',
  ];

  static override exitCodes = runExitCodes;

  static override args = scopedInitArgs;

  static override flags = { ...sourceFlag, ...runFlags };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitCancel);
    const choice = { node: args.node, from: flags.from ?? null };
    return this.onStage(flags, async (stage) => {
      const request = { ...this.runRequest(flags, stage), options: { prune: false } };
      const waitForLockMs = Math.max(request.waitForLockMs, patienceMs);
      const result = await initCancel(choice, { ...request, waitForLockMs }, stage.host);
      return this.finish(result, stage);
    });
  }
}
