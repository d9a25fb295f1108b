// steep apply [PLAN]

import { Args, type Interfaces } from '@oclif/core';
import { ApplyingCommand } from '../cli/applying-command.ts';
import type { BaseCommand } from '../cli/base-command.ts';
import { applyFlags } from '../cli/flags/apply-flags.ts';
import { assertNoChoice, planOptionsOf, usage } from '../cli/flags/flags.ts';
import { allowedTexts, assertQueueable, queueOf } from '../cli/flags/queue-flags.ts';
import { renderQueued } from '../cli/render/render-operations.ts';
import { apply } from '../workflows/apply/apply.ts';
import { queueOperation } from '../workflows/queue/queue-operation.ts';

export default class Apply extends ApplyingCommand {
  static override summary =
    'Plan, show the plan, ask for approval, and run it; or run a saved plan without asking.';

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
    const { args, flags, metadata } = await this.parse(Apply);
    assertNoChoice(args.plan, flags);
    if (flags.queue !== undefined) {
      if (args.plan !== undefined) throw planIsHere();
      assertQueueable(flags, metadata, ['expect-plan-id', 'allow-hazard', 'check']);
      return this.queue(flags, flags.queue);
    }
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

  private async queue(
    flags: Interfaces.InferredFlags<typeof Apply.flags & typeof BaseCommand.baseFlags>,
    node: string,
  ): Promise<object> {
    const {
      config,
      check: verify,
      'expect-plan-id': planId = null,
      'allow-hazard': allowed,
    } = flags;
    const work = {
      operation: 'apply',
      path: null,
      parallel: null,
      verify,
      planId,
      allowHazards: allowedTexts(allowed),
    } as const;
    const result = await queueOperation(queueOf(config, node), work, this.runtime(flags));
    return this.printRead(result, flags, renderQueued);
  }
}

const planIsHere = () =>
  usage(
    'A worker on another machine does not have this plan file.',
    'steep apply --expect-plan-id sha256:… --queue NODE, with the id of the plan',
  );
