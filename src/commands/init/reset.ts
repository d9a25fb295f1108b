// steep init reset NODE

import { ApplyingCommand } from '../../cli/applying-command.ts';
import { runExitCodes, runFlags } from '../../cli/flags/apply-flags.ts';
import {
  initScope,
  scopedInitArgs,
  scopeFlags,
  sourceFlag,
} from '../../cli/flags/init-scope-flags.ts';
import { schemaSyncFlag, schemaSyncOf } from '../../cli/flags/schema-sync-flag.ts';
import { initReset } from '../../workflows/init/init.ts';

export default class InitReset extends ApplyingCommand {
  static override summary = 'Empty tables of a node and copy them again.';

  static override description =
    'With --tables or --schema, the other tables continue, and so do other subscribers. With --full, the subscription ' +
    'and its slot are created again. Like plan and apply with --reinit. Safe to run again: it resumes.';

  static override examples = [
    '<%= config.bin %> init reset reporting --tables public.orders,public.refunds',
    '<%= config.bin %> init reset reporting --from primary --schema billing',
    '<%= config.bin %> init reset reporting --full',
  ];

  static override exitCodes = runExitCodes;

  static override args = scopedInitArgs;

  static override flags = {
    ...sourceFlag,
    ...scopeFlags,
    'schema-sync': schemaSyncFlag,
    ...runFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(InitReset);
    const choice = { node: args.node, from: flags.from ?? null, wanted: initScope(flags) };
    return this.onStage(flags, async (stage) => {
      const request = {
        ...this.runRequest(flags, stage),
        options: { prune: false, ...schemaSyncOf(flags) },
      };
      return this.finish(await initReset(choice, request, stage.host), stage);
    });
  }
}
