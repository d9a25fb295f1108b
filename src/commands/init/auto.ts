// steep init auto NODE

import { Flags } from '@oclif/core';
import { ApplyingCommand } from '../../cli/applying-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import { checkFlag, holdTablesFlag } from '../../cli/flags/flags.ts';
import { scopedInitArgs, sourceFlag } from '../../cli/flags/init-scope-flags.ts';
import { initAuto } from '../../workflows/init/init.ts';

export default class InitAuto extends ApplyingCommand {
  static override summary = 'Fill a node: create its subscriptions, and copy their tables.';

  static override description =
    'Like apply with its subscriptions as targets. Ends when the node is synchronized; run again, it resumes where ' +
    'it was interrupted.';

  static override examples = [
    '<%= config.bin %> init auto reporting',
    '<%= config.bin %> init auto reporting --from primary --workers 8',
  ];

  static override exitCodes = runExitCodes;

  static override args = scopedInitArgs;

  static override flags = {
    ...sourceFlag,
    workers: Flags.integer({
      summary: 'Connections of a copy on each side; overrides steep.yaml.',
      helpValue: 'N',
      min: 1,
    }),
    force: Flags.boolean({
      summary: 'Empty tables that have rows before the copy fills them; needs consent.',
      default: false,
    }),
    check: checkFlag,
    'hold-tables': holdTablesFlag,
    ...runFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitAuto);
    const { workers, force, check, from = null, 'hold-tables': holdTables } = flags;
    const options = {
      prune: false,
      ...(force && { force: true as const }),
      ...(!check && { unchecked: true as const }),
      ...(workers === undefined ? {} : { copyWorkers: workers }),
      ...(holdTables === undefined ? {} : { holdTables }),
    };
    return this.onStage(flags, async (stage) => {
      const request = { ...this.runRequest(flags, stage), options };
      return this.finish(await initAuto({ node: args.node, from }, request, stage.host), stage);
    });
  }
}
