// Makes changes from the screen, one at a time: shows the plan, asks as the command line does, and tells what happens.

import { inWords } from '../../../model/errors.ts';
import type { RunEvent } from '../../../model/event.ts';
import { ExitCode } from '../../../model/plan/exit-code.ts';
import type { Hazard } from '../../../model/plan/hazard.ts';
import { printableLines } from '../../../model/printable.ts';
import type { WatchAction } from '../../../model/watch/watch-action.ts';
import { type Answer, askForPlan } from '../../approve.ts';
import { createPlainProgress } from '../../progress/progress-plain.ts';
import { hang } from '../../render/layout.ts';
import type { KeyPress } from '../ui-state.ts';
import {
  type ActionState,
  answered,
  asked,
  begun,
  ended,
  followed,
  notBegun,
  said,
  scrolledBy,
  titleOf,
  typedInto,
} from './action-state.ts';
import { styledLines } from './styled-lines.ts';

/** What a change is shown in, and what ends it. */
export interface ActionStage {
  /** Text as renderers make it with codedStyle. */
  readonly say: (text: string) => void;
  readonly onEvent: (event: RunEvent) => void;
  readonly approve: (hazards: readonly Hazard[]) => Promise<Answer>;
  /** Yes or no. */
  readonly confirm: (what: string) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface WatchActionsOptions {
  /** Why nothing can be changed; null: it can. */
  readonly forbidden: string | null;
  /** Makes the change; the text at its end. */
  readonly perform: (action: WatchAction, stage: ActionStage) => Promise<string>;
}

interface Running {
  readonly title: string;
  readonly stop: AbortController;
  answer: ((typed: string) => void) | null;
}

/** What perform returns where the user did not agree. */
export const declined = 'Declined: nothing was changed.';

/** A message of a server has no line that looks like one of the screen. */
const failureText = (error: unknown): string => {
  const known = inWords(error);
  const message = known?.message ?? (error instanceof Error ? error.message : String(error));
  return [message, ...(known?.suggestions ?? []).map((each) => `  ${each}`)]
    .map((each) => hang(printableLines(each), '    '))
    .join('\n');
};

const clock = {
  now: () => new Date(),
  every: (milliseconds: number, call: () => void) => {
    const timer = setInterval(call, milliseconds);
    return () => clearInterval(timer);
  },
};

export class WatchActions {
  readonly #options: WatchActionsOptions;
  readonly #listeners = new Set<() => void>();
  readonly #reports: string[] = [];
  #state: ActionState | null = null;
  #running: Running | null = null;
  #done: Promise<void> = Promise.resolve();

  constructor(options: WatchActionsOptions) {
    this.#options = options;
  }

  /** Null: none was begun yet. The same value until something has changed. */
  readonly state = (): ActionState | null => this.#state;

  readonly subscribe = (onChange: () => void): (() => void) => {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  };

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** A text says why there is nothing to change. While a change runs, that one stays on the screen. */
  begin(action: WatchAction | string): void {
    if (this.#running !== null) return;
    const refused = this.#options.forbidden ?? (typeof action === 'string' ? action : null);
    if (refused !== null || typeof action === 'string') {
      this.#set(notBegun(styledLines(refused ?? '')));
      return;
    }
    const running = { title: titleOf(action), stop: new AbortController(), answer: null };
    this.#running = running;
    this.#set(begun(action));
    this.#done = this.#run(action, running);
  }

  /** `last`: the most lines that can be scrolled away. False: the user leaves; what runs continues. */
  press(press: KeyPress, last: number): boolean {
    const { phase = 'ended', question = null, typed = '' } = this.#state ?? {};
    if (press.name === 'escape') return this.#leave();
    if (press.name === 'enter') {
      if (question !== null) this.#answer(typed);
      return phase !== 'ended';
    }
    this.#update((shown) => scrolledBy(shown, press, last));
    if (question !== null) this.#update((shown) => typedInto(shown, press));
    return true;
  }

  /** Stops the change after the statement that runs. */
  interrupt(): void {
    if (this.#running === null) return;
    if (this.#state?.phase === 'running') {
      this.#say('Interrupted: stops after the running statement. Interrupt again to stop at once.');
    }
    this.#running.stop.abort(ExitCode.interrupted);
    this.#answer('');
  }

  /** Until no change runs. How each of them ended. */
  async finish(): Promise<readonly string[]> {
    await this.#done;
    return this.#reports;
  }

  #set(next: ActionState): void {
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }

  #update(change: (shown: ActionState) => ActionState): void {
    if (this.#state !== null) this.#set(change(this.#state));
  }

  #say(text: string): void {
    this.#update((shown) => said(shown, styledLines(text)));
  }

  async #run(action: WatchAction, running: Running): Promise<void> {
    const progress = createPlainProgress((text) => this.#say(text.trimEnd()), clock);
    const ask = (question: string): Promise<string> => this.#ask(running, question);
    try {
      const text = await this.#options.perform(action, {
        say: (shown) => this.#say(shown),
        onEvent: (event) => {
          if (event.event === 'run.started') this.#update(followed);
          progress.handle(event);
        },
        approve: (hazards) => askForPlan(hazards, ask),
        confirm: async (what) => (await ask(`${what} Only "yes" is accepted: `)) === 'yes',
        signal: running.stop.signal,
      });
      this.#end(running, text);
    } catch (error) {
      this.#end(running, failureText(error));
    } finally {
      await progress.close();
    }
  }

  #end({ title }: Running, text: string): void {
    this.#running = null;
    this.#say(text);
    this.#update(ended);
    if (text !== declined) this.#reports.push(`${title}\n${text}`);
  }

  #ask(running: Running, question: string): Promise<string> {
    if (running.stop.signal.aborted) return Promise.resolve('');
    const { promise, resolve } = Promise.withResolvers<string>();
    running.answer = resolve;
    this.#update((shown) => asked(shown, question));
    return promise;
  }

  #answer(typed: string): void {
    const answer = this.#running?.answer ?? null;
    if (this.#running === null || answer === null) return;
    this.#running.answer = null;
    this.#update(answered);
    answer(typed.trim());
  }

  /** No consent is given, and a plan that is being made is left. */
  #leave(): false {
    if (this.#state?.phase === 'planning') this.#running?.stop.abort(ExitCode.interrupted);
    this.#answer('');
    return false;
  }
}
