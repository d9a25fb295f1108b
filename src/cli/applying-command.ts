// What the commands share that execute a plan: consent, interrupts, progress, and how they end.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { RunEvent } from '../model/event.ts';
import type { Hazard } from '../model/plan/hazard.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { RunReport } from '../model/plan/run-report.ts';
import { type Answer, approve } from './approve.ts';
import { BaseCommand, type RuntimeFlags } from './base-command.ts';
import { usualRunLimits } from './flags/apply-flags.ts';
import { givenLimits } from './flags/flags.ts';
import { catchInterrupts, type Interrupts } from './interrupts.ts';
import { sayOnStderr } from './output.ts';
import type { processRuntime } from './process-runtime.ts';
import { openRunView, type RunView } from './progress/run-view.ts';
import { renderPlan } from './render/plan/render-plan.ts';
import { renderRun } from './render/plan/render-run.ts';
import type { Style } from './render/style.ts';

/** How a run is executed, as its flags say it. */
export interface RunFlags {
  readonly config: string;
  readonly strict: boolean;
  readonly wait: boolean;
  readonly probe?: boolean;
  readonly 'auto-approve'?: boolean | undefined;
  readonly 'allow-hazard'?:
    | readonly { readonly code: string; readonly address: string }[]
    | undefined;
  readonly 'wait-for-lock': number;
  readonly 'lock-retries': number;
  readonly 'converge-timeout': number;
  readonly 'lock-timeout'?: number | undefined;
  readonly 'slot-timeout'?: number | undefined;
}

export interface AppliedRun {
  readonly plan: Plan | null;
  readonly report: RunReport | null;
  readonly declined: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a run is shown in, and what ends it. */
export interface Stage {
  readonly host: ReturnType<typeof processRuntime>;
  readonly view: RunView;
  readonly interrupts: Interrupts;
  readonly style: Style;
}

export abstract class ApplyingCommand extends BaseCommand {
  /** Opens the log file and the view of a run, and closes the view after the body. */
  protected async onStage<T>(
    flags: RuntimeFlags & { readonly 'no-color': boolean },
    body: (stage: Stage) => Promise<T>,
  ): Promise<T> {
    const style = this.style(flags['no-color']);
    // Not `logToStderr`, which says nothing under --json.
    const say = sayOnStderr;
    const interrupts = catchInterrupts(
      () => say('Interrupted: stops after the running statement. Interrupt again to stop at once.'),
      () => say(`In doubt: ${view.running().join(', ') || 'nothing'}`),
    );
    const runtime = this.runtime(flags, interrupts.signal);
    const view = openRunView({ json: this.jsonEnabled(), log: this.logFile, style });
    try {
      return await body({ host: runtime, view, interrupts, style });
    } finally {
      await view.close();
      interrupts.restore();
    }
  }

  /** What every run is given, whatever it applies. */
  protected runRequest(flags: RunFlags, { view, interrupts, style }: Stage) {
    return {
      file: flags.config,
      allowed: flags['allow-hazard'] ?? [],
      strict: flags.strict,
      waitForLockMs: flags['wait-for-lock'],
      limits: {
        ...usualRunLimits,
        ...givenLimits(flags),
        lockRetries: flags['lock-retries'],
        waitTimeoutMs: flags['converge-timeout'],
      },
      givenLimits: givenLimits(flags),
      wait: flags.wait,
      ...(flags.probe === undefined ? {} : { probe: flags.probe }),
      show: (plan: Plan): void => this.log(renderPlan(plan, style)),
      approve: (dangers: readonly Hazard[]): Promise<Answer> =>
        approve(
          dangers,
          flags['auto-approve'] === true,
          { input: process.stdin, output: process.stdout },
          interrupts.signal,
        ),
      onEvent: (event: RunEvent): void => view.onEvent(event),
      signal: interrupts.signal,
    };
  }

  /** Prints how the run ended, sets the exit code, and returns what `--json` prints. */
  protected finish(result: AppliedRun, { interrupts, style }: Stage): object {
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
