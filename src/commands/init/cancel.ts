// steep init cancel NODE

import { ApplyingCommand } from '../../cli/applying-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { initPlace, initPlaceFlags, newEdgeFlags } from '../../cli/flags/init-place-flags.ts';
import { scopedInitArgs, sourceFlag } from '../../cli/flags/init-scope-flags.ts';
import { initCancel } from '../../workflows/init/init-cancel.ts';
import { primitives } from '../../workflows/primitives/change-one.ts';

/** How long a run that makes a copy may take to end; --wait-for-lock says otherwise. */
const waitAtLeastMs = 30_000;

export default class InitCancel extends ApplyingCommand {
  static override summary = 'Cancel initial copies into a node, and remove what they created.';

  static override description =
    'A run that makes the copy, on any machine, is asked to stop, and removes its rows, its slot and its ' +
    'state; the rest of a run that has ended is removed here, also of a subscription that is no longer in ' +
    'steep.yaml. Rows that PostgreSQL itself copied stay, and the plan names them. A slot of steep init prepare ' +
    'is dropped. If no copy is running, nothing is done.';

  static override examples = [
    '<%= config.bin %> init cancel reporting',
    '<%= config.bin %> init cancel reporting --from primary --auto-approve',
    '<%= config.bin %> init cancel reporting -c "$REPORTING_URL" --peer-connection "$PRIMARY_URL" --subscription sales --publication sales',
  ];

  static override exitCodes = runExitCodes;

  static override args = scopedInitArgs;

  static override flags = { ...sourceFlag, ...initPlaceFlags, ...newEdgeFlags, ...runFlags };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitCancel);
    const alone = initPlace(args.node, flags);
    const choice = { node: args.node, from: flags.from ?? null };
    return this.onStage(flags, async (stage) => {
      const request = { ...this.runRequest(flags, stage), options: { prune: false } };
      const waitForLockMs = Math.max(request.waitForLockMs, waitAtLeastMs);
      if (alone !== null) {
        const { place, ...named } = alone;
        const asked = { do: 'cancel', ...named } as const;
        const cancelling = { ...request, waitForLockMs, place, asked };
        return this.finish(await primitives.apply(cancelling, stage.host), stage);
      }
      const result = await initCancel(choice, { ...request, waitForLockMs }, stage.host);
      return this.finish(result, stage);
    });
  }
}
