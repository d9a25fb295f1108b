// What the primitives share that change one thing: they plan, show, ask and run as steep apply does.

import type { Diagnostic } from '../model/diagnostic.ts';
import type { Plan } from '../model/plan/plan.ts';
import { type AppliedRun, ApplyingCommand, type RunFlags, type Stage } from './applying-command.ts';
import type { RuntimeFlags } from './base-command.ts';
import { type PlaceFlags, placeOf } from './flags/primitive-flags.ts';
import type { processRuntime } from './process-runtime.ts';
import { renderPlan } from './render/plan/render-plan.ts';

type Runtime = ReturnType<typeof processRuntime>;

/** A change and how it is to be run. */
type Changing<A> = Omit<ReturnType<ApplyingCommand['runRequest']>, 'file'> & {
  readonly place: ReturnType<typeof placeOf>;
  readonly asked: A;
};

interface Shown {
  readonly diagnostics: readonly Diagnostic[];
  readonly plan: Plan | null;
  readonly document: string | null;
  readonly exit: number;
}

/** The workflows of the primitives. */
interface Primitives<A> {
  readonly apply: (request: Changing<A>, runtime: Runtime) => Promise<AppliedRun>;
  readonly plan: (request: Changing<A>, runtime: Runtime) => Promise<Shown>;
}

type ChangeFlags = PlaceFlags &
  RunFlags &
  RuntimeFlags & { readonly 'no-color': boolean; readonly 'dry-run': boolean };

export abstract class ChangingCommand extends ApplyingCommand {
  /** Makes a change, or with --dry-run only shows it; returns what `--json` prints. */
  protected change<A>(flags: ChangeFlags, asked: A, primitives: Primitives<A>): Promise<object> {
    return this.onStage(flags, async (stage) => {
      const { file: _file, ...run } = this.runRequest(flags, stage);
      const request = { ...run, place: placeOf(flags), asked };
      if (flags['dry-run']) return this.shown(await primitives.plan(request, stage.host), stage);
      return this.finish(await primitives.apply(request, stage.host), stage);
    });
  }

  private shown({ diagnostics, plan, document, exit }: Shown, { style }: Stage): object {
    this.tell(diagnostics, style);
    if (plan === null || document === null) return this.invalidFile(diagnostics);
    this.log(renderPlan(plan, style));
    process.exitCode = exit;
    return JSON.parse(document) as object;
  }
}
