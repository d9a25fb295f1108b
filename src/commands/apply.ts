// steep apply [PLAN]

import { Args } from '@oclif/core';
import { ApplyingCommand } from '../cli/applying-command.ts';
import { applyFlags } from '../cli/flags/apply-flags.ts';
import { assertNoChoice, planOptionsOf } from '../cli/flags/flags.ts';
import { apply } from '../workflows/apply/apply.ts';

export default class Apply extends ApplyingCommand {
  static override summary = 'Plan, show, ask and run; or run a saved plan without asking.';

  static override description =
    'Ends when replication has converged. Safe to run again after an interruption: it resumes.';

  static override examples = [
    '<%= config.bin %> apply',
    '<%= config.bin %> apply change.plan',
    '<%= config.bin %> apply --auto-approve --json',
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

  static override args = {
    plan: Args.string({ description: 'A file written by plan --out; default: plan now.' }),
  };

  static override flags = applyFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Apply);
    assertNoChoice(args.plan, flags);
    return this.onStage(flags, async (stage) => {
      const request = {
        ...this.runRequest(flags, stage),
        planFile: args.plan ?? null,
        expectPlanId: flags['expect-plan-id'] ?? null,
        options: planOptionsOf(flags),
      };
      return this.finish(await apply(request, stage.host), stage);
    });
  }
}
