// Says how far an initial copy is: as events, and in steep_repl at most once a second, a new phase at once. What cannot
// be written is not: progress never fails a copy, and the next second tries again.

import { hasEnded, type InitEnd, type InitPhase } from '../../model/copy/init-phase.ts';
import {
  atRest,
  type InitProgress,
  noProgress,
  progressEvent,
} from '../../model/copy/init-progress.ts';
import type { EmitEvent, InitSubject } from '../../model/event.ts';
import type { Session } from '../../postgres/session.ts';
import { type ProgressOf, writeProgress } from '../write-progress.ts';

/** Milliseconds. */
const writeEvery = 1000;
const notifyEvery = 250;

export interface InitProgressOptions extends ProgressOf {
  readonly source: InitSubject['source_node'];
  readonly emit: EmitEvent;
  /** Milliseconds since any fixed point. */
  readonly clock: () => number;
}

const subjectOf = ({ node, source, subscription }: InitProgressOptions): InitSubject => ({
  node_id: node,
  source_node: source,
  subscription,
});

/** Phases as events: one ends where the next begins. */
const phaseTeller = (options: InitProgressOptions, begun: InitPhase | null) => {
  const { emit, clock } = options;
  const subject = subjectOf(options);
  let now = begun === null ? null : { phase: begun, since: clock() };
  return (phase: InitPhase): void => {
    if (now?.phase === phase) return;
    const at = clock();
    if (now !== null) {
      const duration_ms = Math.round(at - now.since);
      emit({ event: 'init.phase_completed', ...subject, phase: now.phase, duration_ms });
    }
    now = { phase, since: at };
    if (!hasEnded(phase)) emit({ event: 'init.phase_started', ...subject, phase });
  };
};

export interface ProgressRecorder {
  /** Takes note; its phase is told at once. */
  readonly tell: (progress: InitProgress) => void;
  /** How long until what was told last is to be written: milliseconds. */
  readonly due: () => number;
  readonly write: (session: () => Promise<Session>) => Promise<void>;
  readonly last: () => InitProgress;
}

/** What all have in common: the phases and the pace. */
export const progressRecorder = (
  options: InitProgressOptions,
  begun: InitProgress | null = null,
): ProgressRecorder => {
  const { clock, emit } = options;
  const enter = phaseTeller(options, begun?.phase ?? null);
  let last = begun ?? noProgress;
  let written: { readonly phase: InitPhase; readonly at: number } | null = null;
  let notifiedAt = Number.NEGATIVE_INFINITY;
  return {
    tell: (progress) => {
      last = progress;
      enter(progress.phase);
    },
    due: () =>
      written === null || written.phase !== last.phase ? 0 : written.at + writeEvery - clock(),
    write: async (session) => {
      const at = clock();
      const notify = at - notifiedAt >= notifyEvery;
      written = { phase: last.phase, at };
      if (notify) notifiedAt = at;
      const progress = last;
      emit(progressEvent(subjectOf(options), progress), 'debug');
      await writeProgress(await session(), options, progress, notify);
    },
    last: () => last,
  };
};

/** For a loop that looks at a copy: writes in the session of the loop, between two looks. */
export interface ProgressNotes {
  readonly note: (session: Session, progress: InitProgress) => Promise<void>;
  /** What the last look saw, at rest. */
  readonly finish: (session: Session, end: InitEnd | 'catching_up') => Promise<void>;
  readonly last: () => InitProgress;
}

/** `begun`: how far it was before. */
export const progressNotes = (
  options: InitProgressOptions,
  begun: InitProgress | null = null,
): ProgressNotes => {
  const recorder = progressRecorder(options, begun);
  const note: ProgressNotes['note'] = async (session, progress) => {
    recorder.tell(progress);
    if (recorder.due() > 0) return;
    await recorder.write(() => Promise.resolve(session)).catch(() => undefined);
  };
  return {
    note,
    finish: (session, end) => note(session, atRest(recorder.last(), end)),
    last: recorder.last,
  };
};
