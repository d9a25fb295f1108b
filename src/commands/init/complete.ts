// steep init complete NODE --from SOURCE

import { ApplyingCommand } from '../../cli/applying-command.ts';
import { applyFlags } from '../../cli/flags/apply-flags.ts';
import { lsnFlag } from '../../cli/flags/flags.ts';
import { edgeFlags, edgeOf, initArgs } from '../../cli/flags/init-flags.ts';
import { manualPlace, manualPlaceFlags } from '../../cli/flags/init-place-flags.ts';
import { sayOnStderr } from '../../cli/output.ts';
import { completeInit } from '../../workflows/init/init-complete.ts';

const {
  'auto-approve': autoApprove,
  'allow-hazard': allowHazard,
  strict,
  wait,
  'converge-timeout': convergeTimeout,
  'lock-timeout': lockTimeout,
  'lock-retries': lockRetries,
  'wait-for-lock': waitForLock,
} = applyFlags;

export default class InitComplete extends ApplyingCommand {
  static override summary =
    'Start replication into a node that was restored from a backup, without a gap.';

  static override description =
    'Checks that no row is missing between the backup and the slot of init prepare: the rows of a dump are compared with ' +
    'the evidence of the exported snapshot, a physical copy tells where its recovery ended. Then creates the subscription ' +
    'without a copy, and waits until it has caught up. Refuses what it cannot prove. Safe to run again: it resumes.';

  static override examples = [
    '<%= config.bin %> init complete reporting --from primary',
    '<%= config.bin %> init complete reporting --from primary --source-lsn 3/5A0F1C8 --auto-approve',
  ];

  static override exitCodes = [
    'refused',
    'stale',
    'locked',
    'partial',
    'incomplete',
    'notConverged',
    'invalidFile',
  ] as const;

  static override args = initArgs;

  static override flags = {
    ...edgeFlags,
    ...manualPlaceFlags,
    'source-lsn': lsnFlag({
      summary:
        'The position up to which the node has the changes of its source; checked if the node tells it.',
    }),
    'auto-approve': autoApprove,
    'allow-hazard': allowHazard,
    strict,
    wait,
    'converge-timeout': convergeTimeout,
    'lock-timeout': lockTimeout,
    'lock-retries': lockRetries,
    'wait-for-lock': waitForLock,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitComplete);
    return this.onStage(flags, async (stage) => {
      const request = {
        ...edgeOf(args.node, flags),
        sourceLsn: flags['source-lsn'] ?? null,
        manual: manualPlace(args.node, flags, true),
        apply: this.runRequest(flags, stage),
        say: sayOnStderr,
      };
      return this.finish(await completeInit(request, stage.host), stage);
    });
  }
}
