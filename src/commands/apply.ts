// steep apply [PLAN]

import { Args, type Interfaces } from '@oclif/core';
import { applyFlags } from '../cli/apply-flags.ts';
import { approve } from '../cli/approve.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { assertNoChoice, givenLimits, planOptionsOf, usualLimits } from '../cli/flags.ts';
import { catchInterrupts, type Interrupts } from '../cli/interrupts.ts';
import { renderPlan } from '../cli/render-plan.ts';
import { renderRun } from '../cli/render-run.ts';
import { openRunView, type RunView } from '../cli/run-view.ts';
import type { Style } from '../cli/style.ts';
import { type ApplyRequest, type ApplyResult, apply } from '../workflows/apply.ts';

type ApplyFlags = Interfaces.InferredFlags<typeof applyFlags & typeof BaseCommand.baseFlags>;

export default class Apply extends BaseCommand {
  static override summary = 'Plan, show, ask and run; or run a saved plan without asking.';

  static override description =
    'Ends when replication has converged. Interrupted or killed, the same command run again goes on.';

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
    plan: Args.string({ description: 'A file made by plan --out; planned now without it.' }),
  };

  static override flags = applyFlags;

  async run(): Promise<object> {
    const { args, flags } = await this.parse(Apply);
    assertNoChoice(args.plan, flags);
    const style = this.style(flags['no-color']);
    const host = this.host(flags);
    const view = openRunView({ json: this.jsonEnabled(), log: this.logFile, style });
    const interrupts = this.listen(view);
    try {
      const request = this.request(args.plan, flags, view, interrupts, style);
      return this.finish(await apply(request, host), interrupts, style);
    } finally {
      await view.close();
      interrupts.restore();
    }
  }

  private listen(view: RunView): Interrupts {
    // Not `logToStderr`, which says nothing under --json.
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    return catchInterrupts(
      () => say('Interrupted: stops after the statement in flight. Once more: now.'),
      () => say(`In doubt: ${view.running().join(', ') || 'nothing'}`),
    );
  }

  private request(
    planFile: string | undefined,
    flags: ApplyFlags,
    view: RunView,
    interrupts: Interrupts,
    style: Style,
  ): ApplyRequest {
    return {
      file: flags.config,
      planFile: planFile ?? null,
      expectPlanId: flags['expect-plan-id'] ?? null,
      options: planOptionsOf(flags),
      allowed: flags['allow-hazard'] ?? [],
      strict: flags.strict,
      waitForLockMs: flags['wait-for-lock'],
      limits: {
        ...usualLimits,
        ...givenLimits(flags),
        lockRetries: flags['lock-retries'],
        waitTimeoutMs: flags['converge-timeout'],
        pollMs: 500,
      },
      givenLimits: givenLimits(flags),
      wait: flags.wait,
      show: (plan) => this.log(renderPlan(plan, style)),
      approve: (dangers) =>
        approve(
          dangers,
          flags['auto-approve'],
          { input: process.stdin, output: process.stdout },
          interrupts.signal,
        ),
      onEvent: view.onEvent,
      signal: interrupts.signal,
    };
  }

  private finish(result: ApplyResult, interrupts: Interrupts, style: Style): object {
    const { plan, report, declined, diagnostics } = result;
    this.tell(diagnostics, style);
    if (plan === null) return this.invalidFile(diagnostics);
    if (declined) {
      this.log('Declined: nothing was changed.');
      this.endWith('error');
      return { outcome: 'declined', plan_id: plan.planId };
    }
    if (report === null) return { outcome: 'nothing-to-do', plan_id: plan.planId };
    this.log(renderRun(report, style));
    process.exitCode = interrupts.exit() ?? report.exit;
    return report;
  }
}
