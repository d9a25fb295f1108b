// steep watch

import type { Interfaces } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { usualRunLimits } from '../cli/flags/apply-flags.ts';
import { forbiddenBy, watchFlags } from '../cli/flags/watch-flags.ts';
import { catchInterrupts, type Interrupts } from '../cli/interrupts.ts';
import { silenceLines } from '../cli/progress/silence-lines.ts';
import { actionReport, plannedText, verifyLines } from '../cli/watch/actions/action-report.ts';
import { introduce } from '../cli/watch/actions/request-action.ts';
import { type ActionStage, declined, WatchActions } from '../cli/watch/actions/watch-actions.ts';
import { limitHeap } from '../cli/watch/limit-heap.ts';
import { screenPage } from '../cli/watch/paint.ts';
import { plainBlock, startPlainBlock } from '../cli/watch/plain-block.ts';
import { openRecording } from '../cli/watch/recording.ts';
import { plainLines } from '../cli/watch/screen.ts';
import { glyphsFor } from '../cli/watch/screen-line.ts';
import { verdictOf } from '../cli/watch/verdict.ts';
import { makeWatchFeed, type WatchFeed } from '../cli/watch/watch-feed.ts';
import type { RunEvent } from '../model/event.ts';
import type { Plan } from '../model/plan/plan.ts';
import type { WatchAction } from '../model/watch/watch-action.ts';
import { writeText } from '../workflows/files.ts';
import { type WatchRequest, type WatchResult, watch } from '../workflows/watch/watch.ts';

type WatchFlags = Interfaces.InferredFlags<typeof Watch.flags & typeof BaseCommand.baseFlags>;

/** What is on its way, and what ends it. */
interface Stage {
  readonly feed: WatchFeed;
  readonly interrupts: Interrupts;
  readonly stop: AbortController;
}

/** Characters of a line where there is no terminal. */
const usualWidth = 160;

export default class Watch extends BaseCommand {
  static override summary = 'The whole topology on one screen, live.';

  static override description =
    'Nodes, edges, tables, slots, operations and the audit log of all nodes, with the verdicts of status. Reads only, unless ' +
    'a change is begun by a key and its plan is agreed to. Where there is no terminal, a block of text is written whenever ' +
    'it has changed.';

  static override examples = [
    '<%= config.bin %> watch',
    '<%= config.bin %> watch --strict --allow-hazard COPY_TRUNCATE=reporting/subscription.sales',
    '<%= config.bin %> watch --once',
    '<%= config.bin %> watch --record incident.ndjson',
    '<%= config.bin %> watch --replay incident.ndjson --speed 10',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  // For programs there is status --json.
  static override enableJsonFlag = false;

  static override flags = watchFlags;

  async run(): Promise<object> {
    const { flags } = await this.parse(Watch);
    limitHeap();
    const interrupts = catchInterrupts(
      () => undefined,
      () => undefined,
    );
    const stage = { feed: makeWatchFeed(), interrupts, stop: new AbortController() };
    try {
      const { diagnostics, watched } = await this.show(flags, stage);
      this.tell(diagnostics, this.style(flags['no-color']));
      if (!watched) return this.invalidFile(diagnostics);
      process.exitCode ??= interrupts.exit() ?? undefined;
      return {};
    } finally {
      stage.stop.abort();
      interrupts.restore();
    }
  }

  private async show(flags: WatchFlags, stage: Stage): Promise<WatchResult> {
    if (flags.once || flags.html !== undefined) return this.once(flags, stage);
    const { stdout, stdin, env } = process;
    const isTerminal = stdout.isTTY === true && stdin.isTTY === true && env.TERM !== 'dumb';
    return flags.plain || !isTerminal || (env.CI ?? '') !== ''
      ? this.plain(flags, stage)
      : this.live(flags, stage);
  }

  /** Reads, or plays, until it is stopped; a recording also ends by itself. `speed`: of a recording. */
  private async see(flags: WatchFlags, stage: Stage, speed: number): Promise<WatchResult> {
    const { feed, interrupts, stop } = stage;
    const signal = AbortSignal.any([interrupts.signal, stop.signal]);
    if (flags.replay !== undefined) {
      // Its checks take memory.
      const { replay } = await import('../workflows/watch/replay.ts');
      await replay({ file: flags.replay, speed, onEvent: feed.take, signal });
      feed.flush();
      return { diagnostics: [], watched: true };
    }
    const recording = flags.record === undefined ? null : openRecording(flags.record);
    const onEvent: WatchRequest['onEvent'] = (event) => {
      recording?.write(event);
      feed.take(event);
    };
    try {
      // Nodes that do not answer are rows; a line on stderr would be in the middle of the screen.
      const runtime = { ...this.runtime(flags, signal), onSilence: () => undefined };
      // Only a screen that stays, and that may change something.
      const stays = !flags['read-only'] && !flags.once && flags.html === undefined;
      const noting = stays ? { notesSeen: true as const } : {};
      return await watch({ file: flags.config, onEvent, signal, ...noting }, runtime);
    } finally {
      feed.flush();
      recording?.close();
    }
  }

  private screen() {
    const columns = process.stdout.columns ?? usualWidth;
    return { columns, rows: 0, glyphs: glyphsFor(process.env) };
  }

  private async once(flags: WatchFlags, stage: Stage): Promise<WatchResult> {
    const { feed, stop, interrupts } = stage;
    feed.subscribe(() => {
      if (flags.replay === undefined && verdictOf(feed.state()).certain) stop.abort();
    });
    const result = await this.see(flags, stage, Number.POSITIVE_INFINITY);
    if (!result.watched || interrupts.exit() !== null) return result;
    const screen = this.screen();
    if (flags.html === undefined) {
      this.log(plainBlock({ feed, screen, style: this.style(flags['no-color']) }).trimEnd());
    } else {
      const lines = plainLines(feed.state(), { ...screen, columns: usualWidth });
      await writeText(flags.html, screenPage(lines, `steep ${this.config.version}`));
      this.log(`Wrote ${flags.html}.`);
    }
    const { health, lost } = verdictOf(feed.state());
    if (!this.endUnread(lost) && health === 'broken') this.endWith('error');
    return result;
  }

  private async plain(flags: WatchFlags, stage: Stage): Promise<WatchResult> {
    const { feed } = stage;
    const style = this.style(flags['no-color']);
    const write = (block: string): void => this.log(block);
    const end = startPlainBlock({ feed, screen: this.screen(), style, write });
    try {
      return await this.see(flags, stage, flags.speed);
    } finally {
      end();
    }
  }

  /** What keys begin: the same workflows as those of init cancel, init reset, verify and replication subscription. */
  private actions(flags: WatchFlags, { feed, interrupts }: Stage): WatchActions {
    const perform = async (action: WatchAction, stage: ActionStage): Promise<string> => {
      stage.say(introduce(action, feed.state()));
      if (action.kind === 'verify' && !(await stage.confirm('Compare them now?'))) return declined;
      const signal = AbortSignal.any([interrupts.signal, stage.signal]);
      const request = {
        file: flags.config,
        allowed: flags['allow-hazard'] ?? [],
        strict: flags.strict,
        limits: usualRunLimits,
        wait: true,
        show: (plan: Plan): void => stage.say(plannedText(plan)),
        approve: stage.approve,
        onEvent: (event: RunEvent): void => {
          this.logEvent(event);
          stage.onEvent(event);
        },
        onProgress: verifyLines(stage.say),
        signal,
      };
      const onSilence = silenceLines((_node, message) => stage.say(message));
      // All of apply: it is loaded for the first change, and costs memory.
      const { performAction } = await import('../workflows/watch/perform-action.ts');
      return actionReport(
        await performAction(action, request, { ...this.runtime(flags, signal), onSilence }),
      );
    };
    return new WatchActions({ forbidden: forbiddenBy(flags), perform });
  }

  private async live(flags: WatchFlags, stage: Stage): Promise<WatchResult> {
    const { feed, interrupts, stop } = stage;
    const { openLiveScreen } = await import('../cli/watch/live-screen.ts');
    const left = Promise.withResolvers<void>();
    const actions = this.actions(flags, stage);
    const screen = openLiveScreen({
      feed,
      actions,
      style: this.style(flags['no-color']),
      glyphs: glyphsFor(process.env),
      note: flags.replay === undefined ? null : `recording ${flags.replay}`,
      onQuit: (how) => (how === 'quit' ? stop.abort() : interrupts.interrupt()),
    });
    interrupts.signal.addEventListener('abort', () => actions.interrupt());
    for (const signal of [interrupts.signal, stop.signal]) {
      signal.addEventListener('abort', () => left.resolve());
    }
    try {
      const result = await this.see(flags, stage, flags.speed);
      // The end of a recording stays on the screen.
      if (flags.replay !== undefined && !interrupts.signal.aborted && !stop.signal.aborted) {
        await left.promise;
      }
      return result;
    } finally {
      actions.interrupt();
      const reports = await actions.finish();
      await screen.close();
      // What was changed is not lost with the screen.
      for (const report of reports) this.log(report);
    }
  }
}
